/** Two texts and what differs: beside each other, in one column, or only the places that differ. */
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useCallback, useRef } from 'react';
import css from './Code.module.css';
import { type Language, readOnly, shared } from './extensions';
import { type Mounted, useMounted } from './mount';

export type DiffMode = 'side' | 'inline' | 'compact';

export interface DiffProps {
  left: string;
  right: string;
  mode?: DiffMode;
  leftLabel?: string;
  rightLabel?: string;
  language?: Language;
  wrap?: boolean;
  /** As high as its text, up to a bound. */
  fits?: boolean;
}

/** The diff of two large texts is cut short rather than made anybody wait. Milliseconds. */
const DIFF = { scanLimit: 2_000, timeout: 400 };
/** Lines kept around a difference in the compact form, and how many it takes to hide some. */
const COMPACT = { margin: 3, minSize: 4 };

export default function Diff(props: DiffProps) {
  const {
    left,
    right,
    mode = 'side',
    leftLabel = 'Before',
    rightLabel = 'After',
    language = 'yaml',
    wrap = false,
    fits = false,
  } = props;
  const host = useRef<HTMLDivElement>(null);
  const make = useCallback(
    (root: ShadowRoot): Mounted => {
      const common = (label: string) => [
        shared({ language, label, wrap, length: left.length + right.length }),
        readOnly,
      ];
      if (mode === 'side') {
        return new MergeView({
          a: { doc: left, extensions: common(leftLabel) },
          b: { doc: right, extensions: common(rightLabel) },
          parent: root,
          root,
          gutter: true,
          diffConfig: DIFF,
        });
      }
      const merge = unifiedMergeView({
        original: left,
        mergeControls: false,
        diffConfig: DIFF,
        ...(mode === 'compact' ? { collapseUnchanged: COMPACT } : {}),
      });
      const label = `${leftLabel} and ${rightLabel}`;
      return new EditorView({
        parent: root,
        root,
        state: EditorState.create({ doc: right, extensions: [common(label), merge] }),
      });
    },
    [left, right, mode, leftLabel, rightLabel, language, wrap],
  );
  useMounted(host, make);
  return <div ref={host} className={fits ? css.fits : css.host} />;
}
