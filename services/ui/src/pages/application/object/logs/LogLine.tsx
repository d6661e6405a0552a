/** One line of a log: inert, cut where it is long, with its colours and what was looked for. */
import { memo, useMemo, useState } from 'react';
import { Button, classes, Dialog, Text } from '@/components';
import { bytes } from '@/text/quantity';
import { type Span, type Style, spansOf } from './ansi';
import type { LogLook } from './Logs';
import css from './Logs.module.css';
import { type Line, marks, soughtIn, type Wanted } from './lines';

/** Characters of a line that are shown in its place. */
const SHOWN = 2000;

export interface LogLineProps {
  line: Line;
  look: LogLook;
  hasPod: boolean;
  wanted: Wanted;
}

export const LogLine = memo(function LogLine({ line, look, hasPod, wanted }: LogLineProps) {
  const spans = useMemo(() => spansOf(line.text.slice(0, SHOWN)), [line]);
  const sought = soughtIn(wanted);
  return (
    <div className={classes(css.line, line.pod === '' && css.told)}>
      {look.hasTimes && <time className={css.time}>{line.at ? timeOf(line.at) : ''}</time>}
      {hasPod && line.pod && (
        <span className={classes(css.pod, css[`c${colourOf(line.pod)}`])} title={line.pod}>
          {line.pod}
        </span>
      )}
      {line.container && <span className={css.container}>{line.container}</span>}
      <bdi className={css.text}>
        {spans.map((span, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces never move.
          <Piece key={at} span={span} sought={sought} matchCase={wanted.matchCase} />
        ))}
      </bdi>
      {line.text.length > SHOWN && <Rest line={line} />}
    </div>
  );
});

function Piece({ span, sought, matchCase }: { span: Span; sought: string; matchCase: boolean }) {
  const found = marks(span.text, sought, matchCase);
  const className = classOf(span.style);
  if (found.length === 0) return className ? <span className={className}>{span.text}</span> : span.text;
  const parts = [];
  let from = 0;
  for (const [start, end] of found) {
    parts.push(span.text.slice(from, start), <mark key={start}>{span.text.slice(start, end)}</mark>);
    from = end;
  }
  return (
    <span className={className || undefined}>
      {parts}
      {span.text.slice(from)}
    </span>
  );
}

function Rest({ line }: { line: Line }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button kind="quiet" small onClick={() => setOpen(true)}>
        {`… ${bytes(line.text.length - SHOWN)} more`}
      </Button>
      {isOpen && (
        <Dialog title="The whole line" onClose={() => setOpen(false)} wide>
          <Text value={line.text} mono />
        </Dialog>
      )}
    </>
  );
}

function classOf(style: Style): string {
  const { colour, background, inverse } = style;
  return classes(
    colour !== undefined && css[`c${colour}`],
    background !== undefined && css[`b${background}`],
    inverse && css.inverse,
    style.bold && css.bold,
    style.dim && css.dim,
    style.italic && css.italic,
    style.underline && css.underline,
    style.strike && css.strike,
  );
}

/** `12:34:56.789` of the reader's zone. */
function timeOf(at: string): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return at;
  const digits = (value: number, places = 2) => String(value).padStart(places, '0');
  const clock = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map((value) => digits(value)).join(':');
  return `${clock}.${digits(moment.getMilliseconds(), 3)}`;
}

/** One of six colours that a pod keeps. */
function colourOf(pod: string): number {
  let sum = 0;
  for (let at = 0; at < pod.length; at++) sum = (sum * 31 + pod.charCodeAt(at)) >>> 0;
  return (sum % 6) + 1;
}
