/** The logs of an object's pods: which, how many, and what of them is shown. */
import { useMemo, useState } from 'react';
import { Failed, Text } from '@/components';
import { usePreference } from '@/preferences';
import { counted } from '@/text/quantity';
import { type Container, containersOf } from '../containers';
import { isPod } from '../family';
import { usePodManifest } from '../usePodManifest';
import type { Shown } from '../useShown';
import { ALL, FIRST, type LogChoice, type LogSource } from './ask';
import { LogBar } from './LogBar';
import css from './Logs.module.css';
import { LogView } from './LogView';
import { EVERYTHING, type Wanted } from './lines';
import { useLogs } from './useLogs';

export interface LogLook {
  readonly hasTimes: boolean;
  readonly isWrapped: boolean;
  /** Lines that are not wanted are shown all the same. */
  readonly isMarkedOnly: boolean;
}

const LOOK: LogLook = { hasTimes: true, isWrapped: false, isMarkedOnly: false };

export function Logs({ shown, container }: { shown: Shown; container: number }) {
  const { key, owner, family } = shown;
  const [pod, setPod] = useState('');
  const containers = useContainers(shown);
  const [chosen, setChosen] = useState('');
  const [choice, setChoice] = useState<LogChoice>(FIRST);
  const [wanted, setWanted] = useState<Wanted>(EVERYTHING);
  const [look, setLook] = usePreference<LogLook>('logs', LOOK);
  const of = chosen || preset(containers, container);
  const source = useMemo<LogSource | null>(() => {
    const namespace = family.pods[0]?.namespace ?? key.namespace;
    return of ? { application: owner, object: key, pod, namespace, container: of } : null;
  }, [owner, key, family.pods, pod, of]);
  const { lines, log } = useLogs(source, choice);
  return (
    <div className={css.logs}>
      <LogBar
        source={source}
        pods={isPod(key) ? [] : family.pods}
        pod={pod}
        onPod={setPod}
        containers={containers}
        container={of}
        onContainer={setChosen}
        choice={choice}
        onChoice={setChoice}
        wanted={wanted}
        onWanted={setWanted}
        look={look}
        onLook={setLook}
        lines={lines}
      />
      {log.error && log.state === 'refused' && <Failed error={log.error} what="These logs" />}
      <LogView lines={lines} wanted={wanted} look={look} hasPods={!isPod(key) && !pod} log={log} />
      <p className={css.foot} role="status">
        {STATES[log.state]} {log.state === 'reconnecting' && log.error && <Text value={log.error.message} />}
        {family.pods.length > 1 && !pod && ` ${counted(family.pods.length, 'pod')}.`}
      </p>
    </div>
  );
}

const STATES: Record<ReturnType<typeof useLogs>['log']['state'], string> = {
  connecting: 'Asking for the logs…',
  live: 'Live.',
  reconnecting: 'The stream was cut; it is gone on with.',
  paused: 'Paused while this tab is hidden.',
  refused: 'Refused; asked again from time to time.',
  ended: 'That is all.',
  done: 'That is all.',
};

/** All of them when there are several; the one that the link names. */
function preset(containers: readonly Container[], place: number): string {
  const named = place > 0 ? containers[place]?.name : undefined;
  if (named) return named;
  return containers.length === 1 ? (containers[0]?.name ?? '') : containers.length > 1 ? ALL : '';
}

/** The containers that an object says its pods have, or those of its first pod. */
function useContainers({ live, owner, family }: Shown): readonly Container[] {
  const own = useMemo(() => containersOf(live), [live]);
  const pod = usePodManifest(owner, own.length === 0 ? (family.pods[0] ?? null) : null);
  return own.length > 0 ? own : containersOf(pod);
}
