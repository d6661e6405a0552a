/** Deleting a set: what goes with it, and its name typed before. */
import { del } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { Confirm, toast } from '@/components';
import { useGo } from '@/routing';
import { type ApplicationSet, fateOf, setPath } from './model';
import { forget } from './useSets';

export function DeleteSet({ set, onClose }: { readonly set: ApplicationSet; readonly onClose: () => void }) {
  const { name, namespace } = set.metadata;
  const go = useGo();
  const send = useSend(() => del(setPath(name), namespace ? { appsetNamespace: namespace } : {}), {
    onDone: () => {
      toast.ok(`${name} is being deleted`);
      forget(set);
      go('/applicationsets');
    },
  });
  return (
    <Confirm
      title={`Delete ${name}`}
      action="Delete"
      name={name}
      busy={send.isPending}
      error={send.error === null ? '' : wordsOf(send.error)}
      onConfirm={() => send.mutate(undefined)}
      onClose={onClose}
    >
      <p>{fateOf(set)}</p>
    </Confirm>
  );
}
