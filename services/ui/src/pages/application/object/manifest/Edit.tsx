/** Changing a live manifest: written, tried by the cluster's API server, shown, and only then sent. */
import { useMemo, useState } from 'react';
import { useGet, useSend } from '@/api';
import { get } from '@/api/client';
import { wordsOf as words } from '@/api/errors';
import { Button, Diff, Editor, Text, toast } from '@/components';
import type { JsonObject } from '@/kubernetes/json';
import type { KindSchema } from '@/kubernetes/schema/schema';
import { toYaml } from '@/kubernetes/yaml';
import { useObjectRight } from '../../rights';
import { heals } from '../remove/DeleteObject';
import { below, type ManifestAnswer, manifestOf, named, patched, tried } from '../requests';
import type { Shown } from '../useShown';
import { type Draft, draftOf, isConflict, type Server, type Tried, tryOut, wordsOf } from './draft';
import css from './Manifest.module.css';
import { shown as pathWords } from './patch';
import { withoutCounters, withoutManagers } from './shownFields';

export interface EditProps {
  shown: Shown;
  live: JsonObject;
  onClose: () => void;
}

export function Edit({ shown, live, onClose }: EditProps) {
  const { key } = shown;
  const may = useObjectRight(shown.application, 'update', key);
  const [base, setBase] = useState(live);
  const first = useMemo(() => toYaml(withoutManagers(base)), [base]);
  const [text, setText] = useState(first);
  const schema = useSchema(shown);
  const server = useServer(shown);
  const [draft, setDraft] = useState<Draft | null>(null);
  const attempt = useSend(({ made, isForced }: { made: Draft; isForced: boolean }) => {
    if ('problems' in made) throw new Error('There is something to mend first.');
    return tryOut(server, base, made, isForced);
  });
  const preview = (isForced: boolean) => {
    const made = draftOf(base, text);
    setDraft(made);
    if (!('problems' in made) && made.changes.length > 0) attempt.mutate({ made, isForced });
    else attempt.reset();
  };
  const startAgain = (now: JsonObject) => {
    setBase(now);
    setText(toYaml(withoutManagers(now)));
    setDraft(null);
    attempt.reset();
  };
  const found = attempt.data;
  if (found && 'after' in found) {
    return <Preview shown={shown} server={server} found={found} onBack={() => attempt.reset()} onDone={onClose} />;
  }
  return (
    <div className={css.manifest}>
      <p className={css.words}>
        This changes the live object. Only the fields that you change are sent, and the cluster is asked first what it
        would make of them.
      </p>
      <TakenBack shown={shown} />
      <div className={css.code}>
        <Editor value={text} onChange={setText} label={`Manifest of ${key.kind} ${key.name}`} schema={schema} />
      </div>
      <Problems draft={draft} />
      {found && 'conflicts' in found && <Conflicts found={found} onForce={() => preview(true)} onAgain={startAgain} />}
      {attempt.error && (
        <div className={css.problems} role="alert">
          <Text value={words(attempt.error)} lines={12} />
        </div>
      )}
      <div className={css.actions}>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" busy={attempt.isPending} refused={may.refusal} onClick={() => preview(false)}>
          Try it
        </Button>
      </div>
    </div>
  );
}

function Problems({ draft }: { draft: Draft | null }) {
  if (!draft) return null;
  if (!('problems' in draft)) {
    return draft.changes.length === 0 ? <p role="status">Nothing is changed yet.</p> : null;
  }
  return (
    <ul className={css.problems} role="alert">
      {draft.problems.slice(0, 20).map((problem) => (
        <li key={`${pathWords(problem.path)} ${problem.message}`}>
          <Text value={problem.message} lines={4} />
        </li>
      ))}
    </ul>
  );
}

interface ConflictsProps {
  found: Extract<Tried, { conflicts: unknown }>;
  onForce: () => void;
  onAgain: (now: JsonObject) => void;
}

function Conflicts({ found, onForce, onAgain }: ConflictsProps) {
  return (
    <div className={css.note} role="alert">
      <p>Somebody changed the same fields meanwhile:</p>
      <ul>
        {found.conflicts.slice(0, 20).map((change) => (
          <li key={pathWords(change.path)}>
            <Text value={wordsOf(change)} lines={3} />
          </li>
        ))}
      </ul>
      <div className={css.actions}>
        <Button onClick={() => onAgain(found.now)}>Take theirs and start again</Button>
        <Button kind="danger" onClick={onForce}>
          Try mine all the same
        </Button>
      </div>
    </div>
  );
}

interface PreviewProps {
  shown: Shown;
  server: Server;
  found: Extract<Tried, { after: unknown }>;
  onBack: () => void;
  onDone: () => void;
}

function Preview({ shown, server, found, onBack, onDone }: PreviewProps) {
  const { owner, key } = shown;
  const may = useObjectRight(shown.application, 'update', key);
  const texts = useMemo(
    () => [toYaml(withoutCounters(found.before)), toYaml(withoutCounters(found.after))] as const,
    [found],
  );
  const write = useSend(() => server.patched(found.patch), {
    invalidates: [below(owner, 'resource'), below(owner, 'managed-resources')],
    onDone: () => {
      toast.ok(`${key.kind} ${key.name} was changed`);
      shown.again();
      onDone();
    },
  });
  return (
    <div className={css.manifest}>
      <p>
        {texts[0] === texts[1]
          ? 'The cluster would take this and change nothing.'
          : 'This is what the cluster says it would make of it. Nothing is written yet.'}
        {found.isMoved && ' Others changed other fields of the object meanwhile; these stay.'}
      </p>
      <div className={css.diff}>
        <Diff left={texts[0]} right={texts[1]} mode="compact" leftLabel="Now" rightLabel="After" />
      </div>
      {write.error && (
        <div className={css.problems} role="alert">
          <Text value={words(write.error)} lines={12} />
          {isConflict(write.error) && <p>Somebody changed the object since it was tried. Go back and try again.</p>}
        </div>
      )}
      <div className={css.actions}>
        <Button onClick={onBack}>Back</Button>
        <Button kind="primary" busy={write.isPending} refused={may.refusal} onClick={() => write.mutate(undefined)}>
          Write it
        </Button>
      </div>
    </div>
  );
}

/** Who takes the change back, if somebody does. */
function TakenBack({ shown }: { shown: Shown }) {
  const owner = shown.family.owners[0];
  if (owner) {
    return <p className={css.note}>{`Its owner, ${owner.kind} ${owner.name}, may write it again as it wants it.`}</p>;
  }
  if (!shown.desired || !heals(shown.application)) return null;
  return (
    <p className={css.note}>This application heals itself: what Git says of a field will be there again at once.</p>
  );
}

function useServer({ owner, key, version }: Shown): Server {
  return useMemo(
    () => ({
      read: async () => manifestOf(await get<ManifestAnswer>(below(owner, 'resource'), named(owner, key, version))),
      tried: (patch) => tried(owner, key, version, patch),
      patched: (patch) => patched(owner, key, version, patch),
    }),
    [owner, key, version],
  );
}

/** Completion and checks by the kind's schema; without one, whether it is YAML. */
function useSchema({ owner, key, version }: Shown) {
  const { data } = useGet<KindSchema>(
    '/api/v1/schema',
    {
      application: owner.name,
      appNamespace: owner.namespace,
      project: owner.project,
      group: key.group,
      version,
      kind: key.kind,
    },
    { staleTime: Number.POSITIVE_INFINITY, retry: false },
  );
  return data?.schema ? data : null;
}
