/** What the API says, as far as the frame of the UI needs it and the generated schema does not have it. */

export interface Settings {
  url?: string;
  statusBadgeEnabled?: boolean;
  statusBadgeRootUrl?: string;
  appLabelKey?: string;
  trackingMethod?: string;
  help?: { chatUrl?: string; chatText?: string; binaryUrls?: Record<string, string> };
  kustomizeVersions?: string[];
  userLoginsDisabled?: boolean;
  uiLoginButtonText?: string;
  uiCssURL?: string;
  uiBannerContent?: string;
  uiBannerURL?: string;
  uiBannerPermanent?: boolean;
  uiBannerPosition?: string;
  execEnabled?: boolean;
  appsInAnyNamespaceEnabled?: boolean;
  hydratorEnabled?: boolean;
  syncWithReplaceAllowed?: boolean;
  resourceViewEnabled?: boolean;
  controllerNamespace?: string;
  passwordPattern?: string;
  dexConfig?: { connectors?: { name?: string; type?: string; id?: string }[] };
  oidcConfig?: { name?: string; issuer?: string; clientID?: string };
}

export interface UserInfo {
  loggedIn?: boolean;
  username?: string;
  iss?: string;
  groups?: string[];
}

export interface Version {
  Version?: string;
  [field: string]: string | undefined;
}
