/** The page's stream: what it told so far, and what the reader may do with that. */

import { useCallback, useState } from 'react';
import { useLive } from '@/api';
import type { ViewEvent } from '@/api/schema';
import { after, NOTHING, type View } from './view';

/** One application, followed for as long as the page is there. */
export function useView(namespace: string, name: string): View {
  const [view, setView] = useState<View>(NOTHING);
  const tell = useCallback((told: ViewEvent) => setView((before) => after(before, told)), []);
  useLive<ViewEvent>('/api/v1/stream/view/application', { namespace, name }, tell);
  return view;
}
