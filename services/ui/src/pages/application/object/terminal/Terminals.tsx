/** Opening a shell in one of an object's containers. */
import { useState } from 'react';
import { requestAddress } from '@/api';
import { Button, Field, Select } from '@/components';
import type { TreeNode } from '../../model';
import { useShellRight } from '../../rights';
import { containersOf, stateOf } from '../containers';
import { stateOf as stateOfPod } from '../family';
import type { Owner } from '../requests';
import { usePodManifest } from '../usePodManifest';
import type { Shown } from '../useShown';
import css from './Terminals.module.css';

/** What the server may be asked for; without one it tries those that it has, in its order. */
const SHELLS = ['bash', 'sh', 'powershell', 'cmd'];

export function Terminals({ shown, container }: { shown: Shown; container: number }) {
  const { family, owner } = shown;
  const may = useShellRight(shown.application);
  const [asked, setAsked] = useState('');
  const pod = family.pods.find((one) => one.name === asked) ?? family.pods.find(isReady) ?? family.pods[0] ?? null;
  const manifest = usePodManifest(owner, pod);
  const containers = containersOf(manifest);
  const [chosen, setChosen] = useState('');
  const [shell, setShell] = useState('');
  const [opened, setOpened] = useState<string | null>(null);
  const of = containers.find((one) => one.name === chosen) ?? containers[container] ?? containers[0];
  if (!pod) return <p>There is no pod to open a terminal in.</p>;
  const address = of ? addressOf(owner, pod, of.name, shell) : null;
  return (
    <div className={css.all}>
      <div className={css.bar}>
        {family.pods.length > 1 && (
          <Field label="Pod">
            <Select
              value={pod.name ?? ''}
              onChange={setAsked}
              options={family.pods.map((one) => ({
                value: one.name ?? '',
                label: `${one.name} ${stateOfPod(one)}`.trim(),
              }))}
            />
          </Field>
        )}
        <Field label="Container">
          <Select
            value={of?.name ?? ''}
            onChange={setChosen}
            options={containers.map((one) => ({
              value: one.name,
              label: [one.name, stateOf(manifest, one.name)].filter(Boolean).join(', '),
            }))}
          />
        </Field>
        <Field label="Shell">
          <Select value={shell} onChange={setShell} placeholder="The first that is there" options={SHELLS} />
        </Field>
      </div>
      <div className={css.bar}>
        <Button
          kind="primary"
          icon="terminal"
          refused={may.refusal}
          onClick={() => setOpened(address)}
          disabled={!address}
        >
          {opened ? 'Open another' : 'Open'}
        </Button>
        {address && may.refusal === '' && (
          <a href={address} target="_blank" rel="noopener noreferrer">
            Open in a tab
          </a>
        )}
      </div>
      {opened ? (
        <iframe key={opened} src={opened} title={`Terminal in ${pod.name}`} className={css.frame} />
      ) : (
        <p className={css.words}>
          What you do in a container is not in Git, and is gone with the container. That you opened a terminal is
          written down, not what you type.
        </p>
      )}
    </div>
  );
}

function isReady(pod: TreeNode): boolean {
  return pod.health?.status === 'Healthy';
}

function addressOf(owner: Owner, pod: TreeNode, container: string, shell: string): string {
  return requestAddress('/terminal.html', {
    appName: owner.name,
    appNamespace: owner.namespace,
    projectName: owner.project,
    namespace: pod.namespace,
    pod: pod.name,
    container,
    shell: shell || undefined,
  });
}
