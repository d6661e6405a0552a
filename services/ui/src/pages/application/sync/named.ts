/** How an application is named to the API and to policies. */
import type { Application, ApplicationSource } from '@/api/schema';

export interface Named {
  name: string;
  namespace: string;
  project: string;
}

export function namedOf(application: Application): Named {
  return {
    name: application.metadata?.name ?? '',
    namespace: application.metadata?.namespace ?? '',
    project: application.spec?.project || 'default',
  };
}

/** `project/name`, with the namespace between where that is not the control plane's, which a new one does not know. */
export function policyObject(application: Application, controlPlane?: string): string {
  const { name, namespace, project } = namedOf(application);
  const own = application.status?.controllerNamespace ?? controlPlane;
  return own && own !== namespace ? `${project}/${namespace}/${name}` : `${project}/${name}`;
}

export function sourcesOf(application: Application): ApplicationSource[] {
  const spec = application.spec;
  if (spec?.sources && spec.sources.length > 0) return spec.sources;
  return spec?.source ? [spec.source] : [];
}

export function pathOf(application: Application): string {
  return `/api/v1/applications/${encodeURIComponent(application.metadata?.name ?? '')}`;
}
