/**
 * The story of an application, asked for again whenever the stream of the page tells an event of it, and when the stream has
 * begun anew: of what happened meanwhile it may tell none.
 */

import { useEffect } from 'react';
import { useGet } from '@/api';
import type { ApplicationStory } from '@/api/schema';
import { named } from '../acts';
import type { Application } from '../model';
import type { View } from '../view';

/** Milliseconds in which events are heard together. */
const TOGETHER = 150;
const ITEMS = 20;

export function useStory(application: Application, { event, beginnings, isDeleted }: View) {
  const { name, appNamespace, project } = named(application);
  const story = useGet<ApplicationStory>('/api/v1/story', { application: name, appNamespace, project, limit: ITEMS });
  const { refetch } = story;
  useEffect(() => {
    const isOld = event !== null || beginnings > 1;
    if (!isOld || isDeleted || event?.type.endsWith('.app.deleted')) return;
    const timer = setTimeout(() => void refetch(), TOGETHER);
    return () => clearTimeout(timer);
  }, [event, beginnings, isDeleted, refetch]);
  return story;
}
