/** A component of an extension. What it throws stays in its place, under the extension's name. */
import { Component, type ReactNode } from 'react';
import { Boundary } from '@/components/Boundary';
import { inert } from '@/text/inert';
import { Inert } from '@/text/Text';
import type { Extension } from './registry';

interface ContainedProps {
  of: { component: Extension; title: string; script: string };
  /** Instead of the extension's own component: its flyout. */
  component?: Extension;
  /** Among words, as in a button. */
  inline?: boolean;
  given?: Record<string, unknown>;
}

export function Contained({ of, component, inline = false, given = {} }: ContainedProps) {
  const Shown = component ?? of.component;
  if (inline) {
    return (
      <Inline title={of.title}>
        <Shown {...given} />
      </Inline>
    );
  }
  const from = of.script ? ` of ${of.script}` : '';
  return (
    <Boundary what={`The extension “${inert(of.title)}”${inert(from)}`}>
      <Shown {...given} />
    </Boundary>
  );
}

class Inline extends Component<{ title: string; children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error: error ?? new Error('it failed') };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <span title={inert(String(this.state.error)).slice(0, 300)}>
        <Inert text={this.props.title} /> failed
      </span>
    );
  }
}
