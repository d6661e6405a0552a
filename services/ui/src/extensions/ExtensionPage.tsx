/** The page of an extension. */
import { Page } from '@/components/Page';
import { Contained } from './Contained';
import { displayed, type OwnPage, useExtensions } from './registry';

/** The extension whose page a path is, or lies below. */
export function usePageAt(path: string): OwnPage | undefined {
  return displayed(useExtensions().pages).find((one) => path === one.path || path.startsWith(`${one.path}/`));
}

export function ExtensionPage({ extension }: { extension: OwnPage }) {
  return (
    <Page title={extension.title}>
      <Contained key={extension.path} of={extension} />
    </Page>
  );
}
