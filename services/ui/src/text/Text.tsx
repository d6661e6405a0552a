/** Text that somebody else wrote, shown inert and cut: see `inert.ts`. */
import { type ReactNode, useMemo, useState } from 'react';
import { Button } from '@/components/Button';
import { cut, SHOWN, STEP } from './cut';
import { pieces } from './inert';
import { bytes } from './quantity';
import css from './Text.module.css';

export interface TextProps {
  value: string | null | undefined;
  /** Lines shown before "show more"; not given, one paragraph as long as it is short. */
  lines?: number;
  /** Characters shown before "show more". */
  length?: number;
  /** As it is written, in fixed width: logs, messages of commits. */
  mono?: boolean;
}

export function Text({ value, lines, length = SHOWN, mono = false }: TextProps) {
  const text = value ?? '';
  const [more, setMore] = useState(0);
  const shown = useMemo(() => (more === 0 ? cut(text, length, lines) : cut(text, more)), [text, length, lines, more]);
  const rest = text.length - shown.length;
  return (
    <>
      <bdi className={mono ? css.mono : css.text}>
        <Inert text={shown} />
        {rest > 0 && '…'}
      </bdi>
      {rest > 0 && (
        <span className={css.more}>
          <Button small onClick={() => setMore(shown.length + STEP)}>
            {`Show ${rest > STEP ? 'more' : 'all'} (${bytes(rest)} left)`}
          </Button>
        </span>
      )}
    </>
  );
}

/** The pieces of a text, what cannot be seen as signs. For short ones inside other elements. */
export function Inert({ text }: { text: string }): ReactNode {
  const found = useMemo(() => pieces(text), [text]);
  if (found.length === 1 && found[0]?.sign === undefined) return found[0]?.text;
  return found.map((piece, index) =>
    piece.sign === undefined ? (
      piece.text
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces never move.
      <span key={index} className={css.sign} title={`Invisible character ${piece.sign}`}>
        {piece.text}
      </span>
    ),
  );
}
