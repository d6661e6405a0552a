/** Syncing by hand: what, to which revision and how; first as a dry run if wanted, then followed to its end. */
import { useRef, useState } from 'react';
import { useGet } from '@/api';
import type { Settings } from '@/api/types';
import { Button, Checkbox, Confirm, FieldGroup, Panel } from '@/components';
import { inert } from '@/text/inert';
import { counted } from '@/text/quantity';
import { isAutomated } from '../history/deployments';
import { useRight, useSyncElsewhere } from '../rights';
import type { SlotProps } from '../slots';
import { dangerOf } from './danger';
import { Followed } from './Followed';
import { Losses } from './Losses';
import { Notice } from './Notice';
import { namedOf, pathOf, sourcesOf } from './named';
import { absentNamespace, CREATES } from './namespace';
import { Objects } from './Objects';
import { Options } from './Options';
import { keyOf, objectsOf } from './objects';
import { isRunning } from './operation';
import { Retry } from './Retry';
import { Revisions } from './Revisions';
import { formOf, isElsewhere, refusalOf, requestOf, type SyncForm } from './request';
import { retryErrors, retryOf } from './retry';
import css from './sync.module.css';
import { useOperation } from './use_operation';
import { useWindows, Windows } from './Windows';

export function SyncPanel({ application, isLive, onClose }: SlotProps) {
  const named = namedOf(application);
  const sources = sourcesOf(application);
  const targets = sources.map((source) => source.targetRevision ?? '');
  const objects = objectsOf(application.status?.resources);
  const policy = application.spec?.syncPolicy;
  const [form, setForm] = useState<SyncForm>(() => begun(objects, targets, policy?.syncOptions ?? [], policy?.retry));
  const [isAsked, setAsked] = useState(false);
  const windows = useWindows(named);
  const can = useRight(application, 'sync');
  const mayElsewhere = useSyncElsewhere(application);
  const settings = useGet<Settings>('/api/v1/settings');
  const followed = useOperation(application, isLive);
  const running = isRunning(followed.operation) || Boolean(application.operation);
  const change = (part: Partial<SyncForm>) => setForm({ ...form, ...part });
  const danger = dangerOf(objects, {
    prune: form.prune,
    force: form.force,
    dryRun: false,
    options: form.options,
    chosen: form.chosen,
  });
  const hasRetryError = Object.keys(retryErrors(form.retry)).length > 0;
  const refusal =
    can.refusal ||
    (isElsewhere(form, targets) ? mayElsewhere.refusal : '') ||
    windows.refusal ||
    (running ? 'An operation is running.' : '') ||
    refusalOf(form) ||
    (hasRetryError ? 'The retry is not complete.' : '');
  const top = useRef<HTMLDivElement>(null);
  const send = (dryRun: boolean, what = form) => {
    setAsked(false);
    top.current?.scrollIntoView({ block: 'start' });
    followed.ask(
      `${pathOf(application)}/sync`,
      requestOf(what, { ...named, targets, hasSources: (application.spec?.sources?.length ?? 0) > 0, objects, dryRun }),
    );
  };
  const absent = followed.isOurs ? absentNamespace(followed.operation, form.options) : '';
  const withNamespace = () => {
    const next = { ...form, options: [...form.options, CREATES] };
    setForm(next);
    send(false, next);
  };
  const sync = () => (danger.losses.length > 0 ? setAsked(true) : send(false));
  const footer = (
    <>
      <Button icon="eye" busy={followed.isAsking} refused={refusal} onClick={() => send(true)}>
        Dry run
      </Button>
      <Button kind="primary" icon="sync" busy={followed.isAsking} refused={refusal} onClick={sync}>
        {form.chosen === null ? 'Sync' : `Sync ${counted(form.chosen.size, 'object')}`}
      </Button>
    </>
  );
  return (
    <Panel title={`Sync ${named.name}`} name="sync" onClose={onClose} footer={footer}>
      <div ref={top} className={css['panel']}>
        <Windows windows={windows} />
        {followed.error && <Notice tone="bad" title={followed.error.message} />}
        {followed.isWaiting && <Notice tone="busy" title="Asked for; the controller takes it up." />}
        {followed.operation && (followed.isOurs || running) && (
          <Followed
            operation={followed.operation}
            onEnd={followed.end}
            isEnding={followed.isEnding}
            endRefusal={can.refusal}
          />
        )}
        {absent !== '' && (
          <Notice tone="warn" title={`The namespace ${inert(absent)} is not there.`}>
            <Button small icon="add" refused={refusal} onClick={withNamespace}>
              Create it and sync again
            </Button>
          </Notice>
        )}
        <Revisions
          sources={sources}
          revisions={form.revisions}
          onChange={(revisions) => change({ revisions })}
          application={named}
          refusal={
            isAutomated(application.spec)
              ? 'Auto-sync follows the own revision; another one can only be tried as a dry run.'
              : ''
          }
        />
        <div className={css['how']}>
          <FieldGroup title="How">
            <Checkbox
              label="Prune"
              hint={pruneHint(objects.filter((one) => one.requiresPruning).length)}
              checked={form.prune}
              onChange={(prune) => change({ prune })}
            />
            <Checkbox
              label="Force"
              hint="What cannot be updated in place is deleted and made anew."
              checked={form.force}
              onChange={(force) => change({ force })}
            />
            <Checkbox
              label="Without hooks"
              hint="Only apply; no hook runs."
              checked={form.applyOnly}
              onChange={(applyOnly) => change({ applyOnly })}
            />
          </FieldGroup>
        </div>
        <div>
          <Options
            ofOperation
            items={form.options}
            onChange={(options) => change({ options })}
            replaceRefusal={
              settings.data?.syncWithReplaceAllowed === false ? 'Replacing is switched off in the settings.' : ''
            }
          />
        </div>
        <Retry form={form.retry} onChange={(retry) => change({ retry })} />
        <Objects objects={objects} chosen={form.chosen} onChange={(chosen) => change({ chosen })} application={named} />
        {danger.losses.length > 0 && (
          <Notice tone={danger.confirm ? 'bad' : 'warn'} title="What this sync would destroy">
            <Losses danger={danger} />
          </Notice>
        )}
      </div>
      {isAsked && (
        <Confirm
          title={`Sync ${named.name}?`}
          action="Sync"
          {...(danger.confirm ? { name: named.name } : {})}
          onConfirm={() => send(false)}
          onClose={() => setAsked(false)}
        >
          <Losses danger={danger} />
        </Confirm>
      )}
    </Panel>
  );
}

/** `?deploy=` names one object as `group/Kind/namespace/name`, or `all`. */
function begun(
  objects: ReturnType<typeof objectsOf>,
  targets: readonly string[],
  options: readonly string[],
  retry: unknown,
): SyncForm {
  const asked = new URLSearchParams(window.location.search).get('deploy') ?? '';
  const one = objects.find((object) => asked === keyOf(object) || asked === `${keyOf(object)}/0`);
  const form = formOf(targets, options, retryOf(retry));
  return one ? { ...form, chosen: new Set([keyOf(one)]) } : form;
}

function pruneHint(count: number): string {
  return count === 0
    ? 'Nothing that is live is missing in Git.'
    : `${counted(count, 'object')} that Git no longer has ${count === 1 ? 'is' : 'are'} deleted.`;
}
