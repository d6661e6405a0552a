/** The manifest of an object: as it is in the cluster, as Git says, and to be changed. */
import { useMemo, useState } from 'react';
import { Button, Checkbox, Code, Copy, Loading, RadioGroup } from '@/components';
import type { JsonObject } from '@/kubernetes/json';
import { toYaml } from '@/kubernetes/yaml';
import { bytes } from '@/text/quantity';
import { useObjectRight } from '../../rights';
import { saveText } from '../save';
import type { Shown } from '../useShown';
import { Edit } from './Edit';
import css from './Manifest.module.css';
import { withoutManagers } from './shownFields';

type State = 'live' | 'desired';

export function Manifest({ shown }: { shown: Shown }) {
  const { live, desired, key } = shown;
  const mayEdit = useObjectRight(shown.application, 'update', key);
  const [asked, setAsked] = useState<State>('live');
  const [hasManagers, setManagers] = useState(false);
  const [isEdited, setEdited] = useState(false);
  const state: State = asked === 'live' && (live || !desired) ? 'live' : desired ? 'desired' : 'live';
  const manifest = state === 'live' ? live : desired;
  const text = useMemo(() => (manifest ? textOf(manifest, hasManagers) : ''), [manifest, hasManagers]);
  if (isEdited && live) return <Edit shown={shown} live={live} onClose={() => setEdited(false)} />;
  if (!manifest) return shown.isRead ? null : <Loading lines={8} />;
  return (
    <div className={css.manifest}>
      <div className={css.bar}>
        {live && desired && (
          <RadioGroup
            legend="Which manifest"
            hideLegend
            joined
            value={state}
            onChange={(value) => setAsked(value as State)}
            options={[
              { value: 'live', label: 'Live' },
              { value: 'desired', label: 'Desired' },
            ]}
          />
        )}
        {state === 'live' && <Checkbox label="Managed fields" checked={hasManagers} onChange={setManagers} />}
        <span className={css.size}>{bytes(text.length)}</span>
        <Copy text={text} what="the manifest" />
        <Button icon="download" small onClick={() => saveText(`${key.kind}-${key.name}.yaml`, text)}>
          Download
        </Button>
        {state === 'live' && (
          <Button icon="edit" small refused={mayEdit.refusal} onClick={() => setEdited(true)}>
            Edit
          </Button>
        )}
      </div>
      <div className={css.code}>
        <Code value={text} label={`${state === 'live' ? 'Live' : 'Desired'} manifest of ${key.kind} ${key.name}`} />
      </div>
    </div>
  );
}

function textOf(manifest: JsonObject, hasManagers: boolean): string {
  return toYaml(hasManagers ? manifest : withoutManagers(manifest));
}
