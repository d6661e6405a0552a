/** What a new application would make, or why that cannot be said yet. */
import { Empty, Failed, Loading } from '@/components';
import { ManifestDiff } from '../application/parameters/ManifestDiff';
import type { Previewed } from '../application/parameters/use_preview';
import { Notice } from '../application/sync/Notice';
import { type Problem, worded } from './soundness';

export interface MadePreviewProps {
  previewed: Previewed;
  isSound: boolean;
  isBegun: boolean;
  /** The server's words stand on a field already. */
  placed: boolean;
  problems: readonly Problem[];
}

export function MadePreview({ previewed, isSound, isBegun, placed, problems }: MadePreviewProps) {
  const { preview, error, isLoading } = previewed;
  if (!isSound) {
    const next = isBegun ? (problems[0]?.words ?? '') : 'Name it, say where it deploys to and from which repository.';
    return <Empty title="What it would make is shown here">{next}</Empty>;
  }
  if (isLoading) return <Loading label="Making the manifests" />;
  if (error) {
    return placed ? (
      <Notice tone="bad" title={worded(error.message)} />
    ) : (
      <Failed what="The preview" error={new Error(worded(error.message))} />
    );
  }
  if (!preview) return <Loading label="Making the manifests" />;
  return (
    <>
      {preview.exists && (
        <Notice tone="warn" title="There is an application of this name; this is what it would change." />
      )}
      <ManifestDiff items={preview.items ?? []} same={preview.same ?? 0} more={preview.more ?? 0} />
    </>
  );
}
