/** A component of an extension. What it throws stays in its place, under the extension's name. */
import { Component, type ReactNode } from 'react';
import { wordsOf } from '@/api/errors';
import { Boundary } from '@/components/Boundary';
import { inert } from '@/text/inert';
import { Text } from '@/text/Text';
import type { Extension } from './registry';

interface ContainedProps {
  of: { component: Extension; title: string; script: string };
  /** Instead of the extension's own component: its flyout. */
  component?: Extension;
  /** The room for what is said instead of it: a part of a page, a few lines, or a word in a button. */
  room?: 'page' | 'lines' | 'word';
  given?: Record<string, unknown>;
}

export function Contained({ of, component, room = 'page', given = {} }: ContainedProps) {
  const Shown = component ?? of.component;
  const name = `“${inert(of.title)}”${of.script ? ` of ${inert(of.script)}` : ''}`;
  if (room === 'page') {
    return (
      <Boundary what={`The extension ${name}`}>
        <Shown {...given} />
      </Boundary>
    );
  }
  return (
    <Small
      instead={(words) =>
        room === 'word' ? (
          <span title={words}>{`${inert(of.title)} failed`}</span>
        ) : (
          <p role="alert">
            {`The extension ${name} failed: `}
            <Text value={words} length={200} />
          </p>
        )
      }
    >
      <Shown {...given} />
    </Small>
  );
}

interface SmallProps {
  instead: (words: string) => ReactNode;
  children: ReactNode;
}

class Small extends Component<SmallProps, { words: string | null }> {
  override state: { words: string | null } = { words: null };

  static getDerivedStateFromError(error: unknown): { words: string } {
    return { words: inert(wordsOf(error)).slice(0, 300) };
  }

  override render(): ReactNode {
    const { words } = this.state;
    return words === null ? this.props.children : this.props.instead(words);
  }
}
