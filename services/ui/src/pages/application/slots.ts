/**
 * What hangs in the frame of the page and is made elsewhere: loaded when it is opened, absent where it is not there.
 *
 * Invariant: a panel that does not exist has no button and no tab.
 */

import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { ApplicationTree } from '@/api/schema';
import type { Application, TreeNode } from './model';

/** What panels and tabs are given; what else they show they read from the address. */
export interface SlotProps {
  application: Application;
  /** All of the tree, orphans too. */
  nodes: readonly TreeNode[];
  /** The same as Argo CD's API has it, for extensions. */
  tree: ApplicationTree;
  /** Whether what is shown is what is the case now. */
  isLive: boolean;
  onClose: () => void;
}

type Module = Record<string, ComponentType<never>>;
type Slot<P> = LazyExoticComponent<ComponentType<P>> | null;

const FOUND = import.meta.glob<Module>(
  './{object,sync,history,parameters,events,images,edit}/{Object,Sync,History}Panel.tsx',
);
const TABS = import.meta.glob<Module>('./{parameters,events,images,edit}/*Tab.tsx');

function slot<P>(modules: Record<string, () => Promise<Module>>, folder: string, name: string): Slot<P> {
  const load = modules[`./${folder}/${name}.tsx`];
  if (!load) return null;
  return lazy(async () => ({ default: (await load())[name] as ComponentType<P> }));
}

export const OBJECT = slot<SlotProps>(FOUND, 'object', 'ObjectPanel');
export const SYNC = slot<SlotProps>(FOUND, 'sync', 'SyncPanel');
export const HISTORY = slot<SlotProps>(FOUND, 'history', 'HistoryPanel');

export interface TabSlot {
  id: string;
  label: string;
  Content: LazyExoticComponent<ComponentType<SlotProps>>;
}

/** The tabs of the details that are there. */
export const DETAILS: readonly TabSlot[] = [
  { id: 'parameters', label: 'Parameters', Content: slot<SlotProps>(TABS, 'parameters', 'ParametersTab') },
  { id: 'edit', label: 'Edit', Content: slot<SlotProps>(TABS, 'edit', 'EditTab') },
  { id: 'events', label: 'Events', Content: slot<SlotProps>(TABS, 'events', 'EventsTab') },
  { id: 'images', label: 'Images', Content: slot<SlotProps>(TABS, 'images', 'ImagesTab') },
].filter((one): one is TabSlot => one.Content !== null);
