/** The views of code, fetched when one is first shown. */
import { lazy, Suspense } from 'react';
import { Loading } from '../States';
import type { CodeProps } from './Code';
import type { DiffProps } from './Diff';
import type { EditorProps } from './Editor';

export type { DiffMode } from './Diff';
export type { Language } from './extensions';
export type { CodeProps, DiffProps, EditorProps };

const LazyCode = lazy(() => import('./Code'));
const LazyDiff = lazy(() => import('./Diff'));
const LazyEditor = lazy(() => import('./Editor'));

export function Code(props: CodeProps) {
  return (
    <Suspense fallback={<Loading lines={8} />}>
      <LazyCode {...props} />
    </Suspense>
  );
}

export function Diff(props: DiffProps) {
  return (
    <Suspense fallback={<Loading lines={8} />}>
      <LazyDiff {...props} />
    </Suspense>
  );
}

export function Editor(props: EditorProps) {
  return (
    <Suspense fallback={<Loading lines={8} />}>
      <LazyEditor {...props} />
    </Suspense>
  );
}
