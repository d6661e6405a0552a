/** What is chosen of logs, above them. */
import { type FormEvent, useId } from 'react';
import { requestAddress } from '@/api';
import { Button, Checkbox, Menu, Select, TextInput } from '@/components';
import type { TreeNode } from '../../model';
import type { Container } from '../containers';
import { stateOf } from '../family';
import { saveText } from '../save';
import { ALL, type LogChoice, type LogSource, pathOf, queryOf, SINCES, TAILS } from './ask';
import type { LogLook } from './Logs';
import css from './Logs.module.css';
import { type Lines, View, type Wanted } from './lines';
import { plainText } from './plain';

export interface LogBarProps {
  source: LogSource | null;
  pods: readonly TreeNode[];
  pod: string;
  onPod: (pod: string) => void;
  containers: readonly Container[];
  container: string;
  onContainer: (container: string) => void;
  choice: LogChoice;
  onChoice: (choice: LogChoice) => void;
  wanted: Wanted;
  onWanted: (wanted: Wanted) => void;
  look: LogLook;
  onLook: (look: LogLook) => void;
  lines: Lines;
}

export function LogBar(props: LogBarProps) {
  const { choice, onChoice, look, onLook } = props;
  return (
    <div className={css.bar}>
      <div className={css.row}>
        <WhichLogs {...props} />
        <Select
          aria-label="Since"
          value={String(choice.since)}
          onChange={(since) => onChoice({ ...choice, since: Number(since) })}
          options={SINCES.map(([value, label]) => ({ value: String(value), label }))}
        />
        <Select
          aria-label="Lines"
          value={String(choice.tail)}
          onChange={(tail) => onChoice({ ...choice, tail: Number(tail) })}
          options={TAILS.map((tail) => ({ value: String(tail), label: tail ? `Last ${tail} lines` : 'All lines' }))}
        />
        <Saving {...props} />
      </div>
      <Filter {...props} />
      <div className={css.row}>
        <Checkbox
          label="Follow"
          checked={choice.follow && !choice.previous}
          disabled={choice.previous}
          onChange={(follow) => onChoice({ ...choice, follow })}
        />
        <Checkbox
          label="Previous run"
          checked={choice.previous}
          onChange={(previous) => onChoice({ ...choice, previous })}
        />
        <Checkbox label="Times" checked={look.hasTimes} onChange={(hasTimes) => onLook({ ...look, hasTimes })} />
        <Checkbox label="Wrap" checked={look.isWrapped} onChange={(isWrapped) => onLook({ ...look, isWrapped })} />
      </div>
    </div>
  );
}

function WhichLogs({ pods, pod, onPod, containers, container, onContainer }: LogBarProps) {
  const podOptions = pods.map((one) => ({ value: one.name ?? '', label: `${one.name} ${stateOf(one)}`.trim() }));
  const containerOptions = containers.map((one) => ({
    value: one.name,
    label: one.role ? `${one.name} (${one.role})` : one.name,
  }));
  return (
    <>
      {pods.length > 0 && (
        <Select
          aria-label="Pod"
          value={pod}
          onChange={onPod}
          options={[{ value: '', label: `All pods (${pods.length})` }, ...podOptions]}
        />
      )}
      {containers.length > 1 && (
        <Select
          aria-label="Container"
          value={container}
          onChange={onContainer}
          options={[{ value: ALL, label: `All containers (${containers.length})` }, ...containerOptions]}
        />
      )}
    </>
  );
}

/** Looks through the lines that are here as somebody types, and through the whole log when asked. */
function Filter({ choice, onChoice, wanted, onWanted, look, onLook }: LogBarProps) {
  const hint = useId();
  const searchAll = (event: FormEvent) => {
    event.preventDefault();
    onChoice({ ...choice, filter: wanted.words, matchCase: wanted.matchCase, tail: wanted.words ? 0 : choice.tail });
  };
  return (
    <form className={css.row} onSubmit={searchAll}>
      <div className={css.filter}>
        <TextInput
          type="search"
          aria-label="Filter lines"
          aria-describedby={hint}
          placeholder="Filter lines; ! for those without"
          value={wanted.words}
          onChange={(words) => onWanted({ ...wanted, words })}
        />
      </div>
      <span id={hint} className={css.hidden}>
        Enter looks through the whole log on the server
      </span>
      <Checkbox
        label="Match case"
        checked={wanted.matchCase}
        onChange={(matchCase) => onWanted({ ...wanted, matchCase })}
      />
      <Checkbox
        label="Mark only"
        checked={look.isMarkedOnly}
        onChange={(isMarkedOnly) => onLook({ ...look, isMarkedOnly })}
      />
      {wanted.words && choice.filter !== wanted.words && (
        <Button type="submit" icon="search" small>
          Search the whole log
        </Button>
      )}
      {choice.filter && (
        <Button kind="quiet" icon="close" small onClick={() => onChoice({ ...choice, filter: '', tail: 1000 })}>
          {`Only lines with “${choice.filter.slice(0, 40)}”`}
        </Button>
      )}
    </form>
  );
}

function Saving({ source, choice, lines, wanted }: LogBarProps) {
  if (!source) return null;
  const name = `${source.object.kind}-${source.object.name}`;
  const whole = () => {
    const query = { ...queryOf(source, { ...choice, tail: 0, follow: false }), download: true };
    window.open(requestAddress(pathOf(source), query), '_blank', 'noopener');
  };
  return (
    <Menu
      label="Download"
      icon="download"
      small
      items={[
        {
          label: 'The lines that are here',
          onSelect: () => saveText(`${name}.log`, plainText(new View(lines, wanted).of())),
        },
        { label: 'The whole log', hint: 'made by the server', onSelect: whole },
      ]}
    />
  );
}
