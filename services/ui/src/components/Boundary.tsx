/** An error in a part of the page stays in that part. */
import { Component, type ReactNode } from 'react';
import { Button } from './Button';
import { Failed } from './States';

export interface BoundaryProps {
  /** What it holds: `This page`. */
  what?: string;
  /** Another value tries anew: the path. */
  resetOn?: string;
  children: ReactNode;
}

interface State {
  error: unknown;
  on: string | undefined;
}

export class Boundary extends Component<BoundaryProps, State> {
  override state: State = { error: null, on: this.props.resetOn };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error ?? new Error('Something failed') };
  }

  static getDerivedStateFromProps(props: BoundaryProps, state: State): Partial<State> | null {
    return props.resetOn === state.on ? null : { error: null, on: props.resetOn };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    if (isMissingFile(error)) {
      return (
        <Failed what="This part" error="It could not be fetched: the server was updated, or cannot be reached.">
          <Button kind="primary" icon="refresh" onClick={() => window.location.reload()}>
            Load the page anew
          </Button>
        </Failed>
      );
    }
    return <Failed what={this.props.what ?? 'This part'} error={error} retry={() => this.setState({ error: null })} />;
  }
}

/** Whether a file of the build was not there: they have other names after an update. */
function isMissingFile(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|importing a module|preload CSS/i.test(error.message);
}
