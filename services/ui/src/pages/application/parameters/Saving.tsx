/** The end of a form over an application: what the change would deploy, and the buttons that save or drop it. */
import { useCan } from '@/api/can';
import type { Application } from '@/api/schema';
import { Button, Failed, Loading, Overtaken } from '@/components';
import { type Problem, worded } from '../../create/soundness';
import { Notice } from '../sync/Notice';
import { namedOf, policyObject } from '../sync/named';
import { ManifestDiff } from './ManifestDiff';
import css from './parameters.module.css';
import type { useChange } from './use_change';
import type { useSaving } from './use_saving';

export interface SavingProps {
  saving: ReturnType<typeof useSaving>;
  change: ReturnType<typeof useChange>;
  application: Application;
  problems: readonly Problem[];
}

export function Saving({ saving, change, application, problems }: SavingProps) {
  const { draft, overtaking } = saving;
  const can = useCan('applications', 'update', policyObject(application));
  const { previewed, isShown, setShown, isSound } = change;
  if (!saving.isChanged && !saving.error) return null;
  const refusal =
    can.refusal ||
    (overtaking ? 'Somebody else changed it meanwhile: say first which counts.' : '') ||
    (draft.problem ? 'The YAML cannot be read.' : '') ||
    (problems[0]?.words ?? '');
  return (
    <section className={css['saving']} aria-label="What the change would deploy">
      {overtaking && (
        <Overtaken
          what={`The application ${namedOf(application).name}`}
          who={overtaking.who}
          differences={overtaking.differences}
          onKeep={overtaking.keep}
          onTake={overtaking.take}
        />
      )}
      {draft.problem && <Notice tone="bad" title={`Line ${draft.problem.line}: ${draft.problem.message}`} />}
      {saving.error && <Notice tone="bad" title={worded(saving.error.message)} />}
      {isShown && isSound && (
        <>
          {previewed.isLoading && <Loading />}
          {previewed.error && <Failed what="Making the manifests" error={new Error(worded(previewed.error.message))} />}
          {previewed.preview?.problem && (
            <Notice tone="warn" title={`What is deployed now cannot be shown: ${previewed.preview.problem}`} />
          )}
          {previewed.preview && !previewed.isLoading && (
            <ManifestDiff
              items={previewed.preview.items ?? []}
              same={previewed.preview.same ?? 0}
              more={previewed.preview.more ?? 0}
            />
          )}
        </>
      )}
      <div className={css['buttons']}>
        <Button kind="quiet" onClick={() => setShown(!isShown)}>
          {isShown ? 'Hide the manifests' : 'Show what would change'}
        </Button>
        <Button onClick={saving.reset}>Drop the changes</Button>
        <Button kind="primary" busy={saving.isSaving} refused={refusal} onClick={saving.save}>
          Save
        </Button>
      </div>
    </section>
  );
}
