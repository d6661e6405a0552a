/** The objects that a rollback with prune deletes. */
import { Failed, Loading } from '@/components';
import { counted } from '@/text/quantity';
import { Losses } from '../sync/Losses';
import { Notice } from '../sync/Notice';
import type { useLost } from './use_lost';

export function Lost({ found }: { found: ReturnType<typeof useLost> }) {
  const { losses, more, isAsking, error, again } = found;
  if (error) return <Failed what="What would be deleted" error={error} retry={again} />;
  if (isAsking) return <Loading lines={2} label="Finding out what would be deleted" />;
  if (losses.length === 0) return <Notice tone="ok" title="Nothing is deleted: nothing was added since." />;
  return (
    <Notice tone="bad" title={`${counted(losses.length, 'object')} would be deleted`}>
      <Losses danger={{ losses, confirm: true, reasons: [] }} />
      {more > 0 && <p>There are more differences than are shown here.</p>}
    </Notice>
  );
}
