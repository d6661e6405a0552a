/** What was deployed when and by whom; the difference between any two states; and the way back to one of them. */
import { useState } from 'react';

import type { Application } from '@/api/schema';
import { Badge, Button, Checkbox, Confirm, Duration, Empty, Panel, Revision, Text, Time } from '@/components';
import { useRight } from '../rights';
import type { SlotProps } from '../slots';
import { Followed } from '../sync/Followed';
import { Notice } from '../sync/Notice';
import { namedOf, pathOf } from '../sync/named';
import { isRunning } from '../sync/operation';
import { Commit } from '../sync/Revisions';
import { useOperation } from '../sync/use_operation';
import { useWindows } from '../sync/Windows';
import { AutoSync } from './AutoSync';
import { type Deployment, deploymentsOf, isAutomated, rollbackRefusal, tookOf } from './deployments';
import css from './history.module.css';
import { Lost } from './Lost';
import { pinRefusal } from './pin';
import { StateDiff } from './StateDiff';
import { Stay } from './Stay';
import { useLost } from './use_lost';

const HELD_BACK = 'A sync window forbids syncing by hand now: a rollback waits until it may run.';

export function HistoryPanel({ application, isLive, onClose }: SlotProps) {
  const named = namedOf(application);
  const deployments = deploymentsOf(application.status?.history);
  const followed = useOperation(application, isLive);
  const [back, setBack] = useState<Deployment | null>(null);
  const [stay, setStay] = useState<Deployment | null>(null);
  const [pair, setPair] = useState<{ from: string; to: string } | null>(null);
  const running = isRunning(followed.operation) || Boolean(application.operation);
  const automated = isAutomated(application.spec);
  const may = useRight(application, 'rollback');
  const mayEnd = useRight(application, 'sync');
  const mayPin = useRight(application, 'update');
  const windows = useWindows(named);
  const refusal = may.refusal || rollbackRefusal(automated, running, Boolean(application.metadata?.deletionTimestamp));
  const newest = deployments[0];
  return (
    <Panel title={`History of ${named.name}`} name="history" onClose={onClose}>
      <div className={css['panel']}>
        {automated && deployments.length > 1 && <AutoSync application={application} />}
        {windows.refusal && <Notice tone="warn" title={HELD_BACK} />}
        {followed.error && <Notice tone="bad" title={followed.error.message} />}
        {followed.isWaiting && <Notice tone="busy" title="Asked for; the controller takes it up." />}
        {followed.isOurs && followed.operation && (
          <Followed
            operation={followed.operation}
            onEnd={followed.end}
            isEnding={followed.isEnding}
            endRefusal={mayEnd.refusal}
          />
        )}
        {pair && (
          <StateDiff
            application={named}
            deployments={deployments}
            from={pair.from}
            to={pair.to}
            onChange={(from, to) => setPair({ from, to })}
            onClose={() => setPair(null)}
          />
        )}
        {deployments.length === 0 ? (
          <Empty title="Nothing was deployed yet">
            {application.spec?.revisionHistoryLimit === 0
              ? 'The application keeps no history: its limit is 0.'
              : 'The first sync of the whole application is written down here.'}
          </Empty>
        ) : (
          <ol className={css['entries']} aria-label="Deployments, newest first">
            {deployments.map((deployment, index) => {
              const before = deployments[index + 1];
              return (
                <li key={deployment.id} className={css['entry']}>
                  <Entry deployment={deployment} application={named} isNewest={deployment === newest} />
                  <div className={css['acts']}>
                    {before && (
                      <Button
                        small
                        icon="diff"
                        onClick={() => setPair({ from: String(before.id), to: String(deployment.id) })}
                      >
                        What it changed
                      </Button>
                    )}
                    <Button small icon="diff" onClick={() => setPair({ from: String(deployment.id), to: 'spec' })}>
                      Compare with now
                    </Button>
                    {deployment !== newest && (
                      <Button small icon="rollback" refused={refusal} onClick={() => setBack(deployment)}>
                        Roll back to it
                      </Button>
                    )}
                    {automated && deployment !== newest && (
                      <Button
                        small
                        icon="rollback"
                        refused={mayPin.refusal || pinRefusal(application, deployment)}
                        onClick={() => setStay(deployment)}
                      >
                        Roll back and pin
                      </Button>
                    )}
                  </div>
                </li>
              );
            })}
          </ol>
        )}
      </div>
      {stay && <Stay application={application} deployment={stay} onClose={() => setStay(null)} />}
      {back && (
        <Back
          application={application}
          deployment={back}
          onClose={() => setBack(null)}
          onConfirm={(prune) => {
            setBack(null);
            followed.ask(`${pathOf(application)}/rollback`, {
              appNamespace: named.namespace,
              project: named.project,
              id: back.id,
              prune,
              dryRun: false,
            });
          }}
        />
      )}
    </Panel>
  );
}

interface EntryProps {
  deployment: Deployment;
  application: { name: string; namespace: string; project: string };
  isNewest: boolean;
}

function Entry({ deployment, application, isNewest }: EntryProps) {
  const took = tookOf(deployment);
  return (
    <div className={css['told']}>
      <header className={css['head']}>
        <strong>#{deployment.id}</strong>
        <Time at={deployment.deployedAt} />
        {took !== null && took >= 1000 && (
          <span className={css['muted']}>
            took <Duration milliseconds={took} />
          </span>
        )}
        <span className={css['muted']}>
          {deployment.automated ? (
            'by itself'
          ) : deployment.by ? (
            <>
              by <Text value={deployment.by} />
            </>
          ) : (
            ''
          )}
        </span>
        {isNewest && <Badge tone="ok">deployed last</Badge>}
      </header>
      {deployment.sources.map((source, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a source has no other identity than its place.
        <div key={index} className={css['source']}>
          <span>
            <Text value={source.place || source.repoURL} /> at <Revision sha={source.revision} />
            {source.targetRevision && source.targetRevision !== source.revision && (
              <span className={css['muted']}> ({source.targetRevision})</span>
            )}
          </span>
          {!source.isChart && source.revision && (
            <Commit application={application} index={index} revision={source.revision} />
          )}
        </div>
      ))}
    </div>
  );
}

interface BackProps {
  application: Application;
  deployment: Deployment;
  onConfirm: (prune: boolean) => void;
  onClose: () => void;
}

function Back({ application, deployment, onConfirm, onClose }: BackProps) {
  const [prune, setPrune] = useState(false);
  const named = namedOf(application);
  const lost = useLost(application, deployment.id, prune);
  return (
    <Confirm
      title={`Roll ${named.name} back to #${deployment.id}?`}
      action="Roll back"
      {...(prune ? { name: named.name } : {})}
      busy={lost.isAsking}
      onConfirm={() => onConfirm(prune)}
      onClose={onClose}
    >
      <div className={css['back']}>
        <p>
          Its sources and revisions of <Time at={deployment.deployedAt} /> are deployed again, without hooks. The
          application then is out of sync with what Git says now, until it is synced again.
        </p>
        <Checkbox label="Prune" hint="Delete what was added since." checked={prune} onChange={setPrune} />
        {prune && <Lost found={lost} />}
      </div>
    </Confirm>
  );
}
