/** The end of a form over an application: what the change would deploy, and the buttons that save or drop it. */
import { useState } from 'react';
import { useCan } from '@/api/can';
import type { Application } from '@/api/schema';
import { Button, Failed, Loading } from '@/components';
import { type Problem, worded } from '../../create/soundness';
import { Notice } from '../sync/Notice';
import { policyObject } from '../sync/named';
import { ManifestDiff } from './ManifestDiff';
import css from './parameters.module.css';
import { usePreview } from './use_preview';
import type { useSaving } from './use_saving';

export interface SavingProps {
  saving: ReturnType<typeof useSaving>;
  application: Application;
  problems: readonly Problem[];
}

export function Saving({ saving, application, problems }: SavingProps) {
  const { draft } = saving;
  const [isShown, setShown] = useState(true);
  const can = useCan('applications', 'update', policyObject(application));
  const isSound = draft.problem === null && problems.length === 0;
  const previewed = usePreview(draft, saving.isChanged && isSound && isShown);
  if (!saving.isChanged && !saving.error) return null;
  const refusal = can.refusal || (draft.problem ? 'The YAML cannot be read.' : '') || (problems[0]?.words ?? '');
  return (
    <section className={css['saving']} aria-label="What the change would deploy">
      {saving.isOvertaken && (
        <Notice tone="warn" title="Somebody else changed the application meanwhile; saving writes over that." />
      )}
      {draft.problem && <Notice tone="bad" title={`Line ${draft.problem.line}: ${draft.problem.message}`} />}
      {saving.error && <Notice tone="bad" title={worded(saving.error.message)} />}
      {isShown && isSound && (
        <>
          {previewed.isLoading && <Loading />}
          {previewed.error && <Failed error={new Error(worded(previewed.error.message))} />}
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
