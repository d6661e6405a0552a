/** The story of an application, asked for again whenever the stream of the page tells an event of it. */

import { useEffect } from 'react';
import { useGet } from '@/api';
import type { ApplicationStory, CloudEvent } from '@/api/schema';
import { named } from '../acts';
import type { Application } from '../model';

/** Milliseconds in which events are heard together. */
const TOGETHER = 150;
const ITEMS = 20;

export function useStory(application: Application, event: CloudEvent | null, isDeleted: boolean) {
  const { name, appNamespace, project } = named(application);
  const story = useGet<ApplicationStory>('/api/v1/story', { application: name, appNamespace, project, limit: ITEMS });
  const { refetch } = story;
  useEffect(() => {
    if (event === null || isDeleted || event.type.endsWith('.app.deleted')) return;
    const timer = setTimeout(() => void refetch(), TOGETHER);
    return () => clearTimeout(timer);
  }, [event, isDeleted, refetch]);
  return story;
}
