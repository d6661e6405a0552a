/** The ways of reaching a repository: which fields each asks for, and what it sends beside them. */

import { FIELDS, type Name } from './fields';

export type KindId = 'https' | 'ssh' | 'github' | 'google' | 'azure' | 'azure-identity' | 'helm' | 'oci';

export interface Kind {
  readonly label: string;
  readonly placeholder: string;
  /** What the API calls it. */
  readonly type: 'git' | 'helm' | 'oci';
  readonly credentials: readonly Name[];
  readonly options: readonly Name[];
  readonly required: readonly Name[];
  /** What is sent without being asked. */
  readonly fixed?: Readonly<Partial<Record<Name, true>>>;
  readonly schemes: readonly string[];
}

const HTTP = ['https://', 'http://'] as const;
const CLIENT_CERTIFICATE = ['tlsClientCertData', 'tlsClientCertKey'] as const;
const GIT_OPTIONS = ['enableLfs', 'depth', 'insecure', 'proxy', 'noProxy', 'webhookManifestCacheWarmDisabled'] as const;

export const KINDS: Readonly<Record<KindId, Kind>> = {
  https: {
    label: 'Git over HTTPS',
    placeholder: 'https://git.example.com/team/config.git',
    type: 'git',
    credentials: ['username', 'password', 'bearerToken', ...CLIENT_CERTIFICATE],
    options: [...GIT_OPTIONS, 'forceHttpBasicAuth'],
    required: [],
    schemes: HTTP,
  },
  ssh: {
    label: 'Git over SSH',
    placeholder: 'git@git.example.com:team/config.git',
    type: 'git',
    credentials: ['sshPrivateKey'],
    options: GIT_OPTIONS,
    required: [],
    schemes: ['ssh://'],
  },
  github: {
    label: 'GitHub App',
    placeholder: 'https://github.com/team/config.git',
    type: 'git',
    credentials: ['githubAppID', 'githubAppInstallationID', 'githubAppPrivateKey', 'githubAppEnterpriseBaseUrl'],
    options: GIT_OPTIONS,
    required: ['githubAppID', 'githubAppPrivateKey'],
    schemes: HTTP,
  },
  google: {
    label: 'Google Cloud',
    placeholder: 'https://source.developers.google.com/p/project/r/config',
    type: 'git',
    credentials: ['gcpServiceAccountKey'],
    options: GIT_OPTIONS,
    required: ['gcpServiceAccountKey'],
    schemes: HTTP,
  },
  azure: {
    label: 'Azure service principal',
    placeholder: 'https://dev.azure.com/team/project/_git/config',
    type: 'git',
    credentials: [
      'azureServicePrincipalClientId',
      'azureServicePrincipalClientSecret',
      'azureServicePrincipalTenantId',
      'azureActiveDirectoryEndpoint',
    ],
    options: GIT_OPTIONS,
    required: ['azureServicePrincipalClientId', 'azureServicePrincipalClientSecret', 'azureServicePrincipalTenantId'],
    schemes: HTTP,
  },
  'azure-identity': {
    label: 'Azure workload identity',
    placeholder: 'https://dev.azure.com/team/project/_git/config',
    type: 'git',
    credentials: [],
    options: GIT_OPTIONS,
    required: [],
    fixed: { useAzureWorkloadIdentity: true },
    schemes: HTTP,
  },
  helm: {
    label: 'Helm repository',
    placeholder: 'https://charts.example.com',
    type: 'helm',
    credentials: ['username', 'password', ...CLIENT_CERTIFICATE],
    options: ['enableOCI', 'insecureOCIForceHttp', 'insecure', 'proxy', 'noProxy'],
    required: ['name'],
    schemes: HTTP,
  },
  oci: {
    label: 'OCI registry',
    placeholder: 'oci://registry.example.com/team/charts',
    type: 'oci',
    credentials: ['username', 'password', ...CLIENT_CERTIFICATE],
    options: ['insecureOCIForceHttp', 'insecure', 'proxy', 'noProxy'],
    required: [],
    schemes: ['oci://'],
  },
};

export const KIND_IDS = Object.keys(KINDS).filter(isKindId);

export function isKindId(text: string): text is KindId {
  return text in KINDS;
}

/** The fields of a kind's form, of a repository or of a template. */
export function fieldsOf(
  kind: KindId,
  isTemplate: boolean,
): { readonly credentials: readonly Name[]; readonly options: readonly Name[] } {
  const isShown = (name: Name) => !(isTemplate && FIELDS[name].isOfRepositoryOnly);
  const { credentials, options } = KINDS[kind];
  return { credentials: credentials.filter(isShown), options: options.filter(isShown) };
}

/** What the server told of a repository. */
export type Declared = Readonly<Record<string, unknown>>;

const LENT: readonly string[] = [
  'username',
  'githubAppID',
  'githubAppInstallationID',
  'githubAppEnterpriseBaseUrl',
  'forceHttpBasicAuth',
  'useAzureWorkloadIdentity',
];

/** A repository without what a template lends it: saving that would make it the repository's own, without its secret. */
export function ownOf(declared: Declared): Declared {
  if (!declared.inheritedCreds) return declared;
  const lent = declared.project ? [...LENT, 'proxy', 'noProxy'] : LENT;
  return Object.fromEntries(Object.entries(declared).filter(([name]) => !lent.includes(name)));
}

/** The way in which a repository that there is is reached. Only what is not secret can tell. */
export function kindOf(declared: Declared): KindId {
  const url = String(declared.repo ?? declared.url ?? '');
  if (declared.type === 'helm') return 'helm';
  if (declared.type === 'oci' || url.startsWith('oci://')) return 'oci';
  if (declared.githubAppID || declared.githubAppInstallationID) return 'github';
  if (declared.useAzureWorkloadIdentity) return 'azure-identity';
  if (declared.azureServicePrincipalClientId) return 'azure';
  return /^https?:\/\//.test(url) ? 'https' : 'ssh';
}
