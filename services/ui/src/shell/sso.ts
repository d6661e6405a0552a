/** Logging in through the identity provider. */
import { addressOf, type Settings } from '@/api';

/** What its button says, or null where there is none. */
export function ssoLabel(settings: Settings): string | null {
  if (settings.uiLoginButtonText && hasSso(settings)) return settings.uiLoginButtonText;
  if (settings.oidcConfig) return `Log in via ${settings.oidcConfig.name || 'OIDC'}`;
  const [only, ...others] = settings.dexConfig?.connectors ?? [];
  if (only === undefined) return null;
  return others.length === 0 && only.name ? `Log in via ${only.name}` : 'Log in via SSO';
}

function hasSso(settings: Settings): boolean {
  return Boolean(settings.oidcConfig) || (settings.dexConfig?.connectors?.length ?? 0) > 0;
}

/** Where its button goes, to come back to a path of ours. */
export function ssoAddress(path: string): string {
  const back = new URL(addressOf(path), window.location.origin).href;
  return `${addressOf('/auth/login')}?return_url=${encodeURIComponent(back)}`;
}
