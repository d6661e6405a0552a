/** Somebody else changed the same of a project while it was edited: theirs or mine. */
import { Dialog, Overtaken } from '@/components';
import { useWho } from '../application/parameters/use_who';
import { pathOf } from './model';
import type { Overtaking } from './saving';

export function ProjectOvertaken({ name, overtaking }: { name: string; overtaking: Overtaking }) {
  const who = useWho(pathOf(name, '/events'), overtaking.version, {});
  return (
    <Dialog title="Changed meanwhile" wide>
      <Overtaken
        what={`The project ${name}`}
        who={who}
        differences={overtaking.differences}
        onKeep={overtaking.keep}
        onTake={overtaking.take}
      />
    </Dialog>
  );
}
