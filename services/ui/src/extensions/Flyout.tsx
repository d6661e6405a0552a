/** The panel that a part of the state line or of the top bar opens. */
import type { Application, ApplicationTree } from '@/api/schema';
import { Panel } from '@/components/Panel';
import { Loading } from '@/components/States';
import { Inert } from '@/text/Text';
import { Contained } from './Contained';
import { useExtensions } from './registry';

interface FlyoutProps {
  id: string;
  application: Application;
  tree: ApplicationTree;
  onClose: () => void;
}

export function Flyout({ id, application, tree, onClose }: FlyoutProps) {
  const { status, topBar, isLoading } = useExtensions();
  const extension = [...status, ...topBar].find((one) => one.id === id && one.flyout);
  if (!extension?.flyout) {
    return (
      <Panel title="Extension" onClose={onClose} name="extension">
        {isLoading ? (
          <Loading />
        ) : (
          <p>
            There is no extension <Inert text={id} /> that opens here.
          </p>
        )}
      </Panel>
    );
  }
  return (
    <Panel title={<Inert text={extension.title} />} onClose={onClose} name="extension">
      <Contained key={id} of={extension} component={extension.flyout} given={{ application, tree }} />
    </Panel>
  );
}
