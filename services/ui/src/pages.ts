/** Every page there is: its path, its file, and where it is linked from. A page whose file is not there is absent. */
import { type ComponentType, lazy } from 'react';
import type { IconName } from '@/components';

export interface PageSlot {
  path: string;
  /** Below `pages/`, without its ending. */
  file: string;
}

export interface NavEntry {
  label: string;
  icon: IconName;
  to: string;
  file: string;
  /** `g` and this key go there. */
  key: string;
}

/** In the order in which they are matched. */
const SLOTS: readonly PageSlot[] = [
  { path: '/applications', file: 'applications/ApplicationsPage' },
  { path: '/applications/new', file: 'create/CreatePage' },
  { path: '/applications/:namespace/:name', file: 'application/ApplicationPage' },
  { path: '/applications/:name', file: 'application/ApplicationPage' },
  { path: '/applicationsets', file: 'applicationsets/ApplicationSetsPage' },
  { path: '/applicationsets/:namespace/:name', file: 'applicationsets/ApplicationSetPage' },
  { path: '/applicationsets/:name', file: 'applicationsets/ApplicationSetPage' },
  { path: '/resources', file: 'resources/ResourcesPage' },
  { path: '/settings', file: 'settings/SettingsPage' },
  { path: '/settings/repos', file: 'repositories/RepositoriesPage' },
  { path: '/settings/certs', file: 'certificates/CertificatesPage' },
  { path: '/settings/gpgkeys', file: 'gpgkeys/GpgKeysPage' },
  { path: '/settings/clusters', file: 'clusters/ClustersPage' },
  { path: '/settings/clusters/:server', file: 'clusters/ClusterPage' },
  { path: '/settings/projects', file: 'projects/ProjectsPage' },
  { path: '/settings/projects/:name', file: 'projects/ProjectPage' },
  { path: '/settings/accounts', file: 'accounts/AccountsPage' },
  { path: '/settings/accounts/:name', file: 'accounts/AccountPage' },
  { path: '/settings/appearance', file: 'appearance/AppearancePage' },
  { path: '/user-info', file: 'user/UserPage' },
  { path: '/help', file: 'help/HelpPage' },
];

const NAV: readonly NavEntry[] = [
  { label: 'Applications', icon: 'applications', to: '/applications', file: 'applications/ApplicationsPage', key: 'a' },
  {
    label: 'ApplicationSets',
    icon: 'sets',
    to: '/applicationsets',
    file: 'applicationsets/ApplicationSetsPage',
    key: 's',
  },
  { label: 'Resources', icon: 'resources', to: '/resources', file: 'resources/ResourcesPage', key: 'r' },
  { label: 'Settings', icon: 'settings', to: '/settings', file: 'settings/SettingsPage', key: 'e' },
  { label: 'Help', icon: 'help', to: '/help', file: 'help/HelpPage', key: 'h' },
];

type PageModule = Record<string, ComponentType>;

const FILES = import.meta.glob<PageModule>('./pages/*/*Page.tsx');

const PAGES = new Map<string, ComponentType>(
  Object.entries(FILES).map(([path, load]) => [
    path.slice('./pages/'.length, -'.tsx'.length),
    lazy(async () => ({ default: pageOf(await load(), path) })),
  ]),
);

/** The page of a module: its default, or what is called `…Page`. */
function pageOf(module: PageModule, path: string): ComponentType {
  const name = Object.keys(module).find((one) => one === 'default' || one.endsWith('Page'));
  const page = name === undefined ? undefined : module[name];
  if (page === undefined) throw new Error(`${path} exports no page`);
  return page;
}

export function pageAt(file: string): ComponentType | undefined {
  return PAGES.get(file);
}

export interface Route {
  path: string;
  page: ComponentType;
}

export const routes: readonly Route[] = SLOTS.flatMap(({ path, file }) => {
  const page = PAGES.get(file);
  return page === undefined ? [] : [{ path, page }];
});

/** Whether there is a page at exactly this path of the list above: pages link others only then. */
export function hasPage(path: string): boolean {
  return routes.some((route) => route.path === path);
}

export const nav: readonly NavEntry[] = NAV.filter(({ file }) => PAGES.has(file));
