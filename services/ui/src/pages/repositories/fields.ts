/** The fields of repositories and credential templates, as the API names them, and how each is asked for. */

export type Name =
  | 'repo'
  | 'name'
  | 'project'
  | 'username'
  | 'password'
  | 'bearerToken'
  | 'sshPrivateKey'
  | 'tlsClientCertData'
  | 'tlsClientCertKey'
  | 'githubAppID'
  | 'githubAppInstallationID'
  | 'githubAppPrivateKey'
  | 'githubAppEnterpriseBaseUrl'
  | 'gcpServiceAccountKey'
  | 'azureServicePrincipalClientId'
  | 'azureServicePrincipalClientSecret'
  | 'azureServicePrincipalTenantId'
  | 'azureActiveDirectoryEndpoint'
  | 'useAzureWorkloadIdentity'
  | 'insecure'
  | 'insecureOCIForceHttp'
  | 'forceHttpBasicAuth'
  | 'enableOCI'
  | 'enableLfs'
  | 'depth'
  | 'proxy'
  | 'noProxy'
  | 'webhookManifestCacheWarmDisabled';

export interface FieldSpec {
  readonly label: string;
  readonly hint?: string;
  readonly as: 'text' | 'secret' | 'key' | 'number' | 'switch';
  /** Credential templates have no such field. */
  readonly isOfRepositoryOnly?: true;
}

export const FIELDS: Readonly<Record<Name, FieldSpec>> = {
  repo: { label: 'Repository URL', as: 'text' },
  name: { label: 'Name', hint: 'Helm charts name the repository by it', as: 'text', isOfRepositoryOnly: true },
  project: {
    label: 'Project',
    hint: 'Only applications of this project use it; empty for all',
    as: 'text',
    isOfRepositoryOnly: true,
  },
  username: { label: 'User name', as: 'text' },
  password: { label: 'Password or token', hint: 'A token alone goes with the user x-access-token', as: 'secret' },
  bearerToken: { label: 'Bearer token', hint: 'Sent instead of a user name and password', as: 'secret' },
  sshPrivateKey: {
    label: 'SSH private key',
    hint: 'ed25519, ECDSA or RSA, in OpenSSH’s or a PEM form, without a passphrase',
    as: 'key',
  },
  tlsClientCertData: { label: 'TLS client certificate', hint: 'PEM', as: 'key' },
  tlsClientCertKey: { label: 'TLS client certificate’s key', hint: 'PEM', as: 'key' },
  githubAppID: { label: 'GitHub App ID', as: 'number' },
  githubAppInstallationID: {
    label: 'Installation ID',
    hint: 'Looked up by the owner in the address when empty',
    as: 'number',
  },
  githubAppPrivateKey: { label: 'GitHub App private key', hint: 'PEM', as: 'key' },
  githubAppEnterpriseBaseUrl: {
    label: 'GitHub Enterprise API URL',
    hint: 'https://github.example.com/api/v3; empty for github.com',
    as: 'text',
  },
  gcpServiceAccountKey: { label: 'Service account key', hint: 'The JSON file of the account', as: 'key' },
  azureServicePrincipalClientId: { label: 'Client ID', as: 'text' },
  azureServicePrincipalClientSecret: { label: 'Client secret', as: 'secret' },
  azureServicePrincipalTenantId: { label: 'Tenant ID', as: 'text' },
  azureActiveDirectoryEndpoint: {
    label: 'Active Directory endpoint',
    hint: 'Empty for https://login.microsoftonline.com',
    as: 'text',
  },
  useAzureWorkloadIdentity: { label: 'Use the pod’s Azure workload identity', as: 'switch' },
  insecure: {
    label: 'Do not verify the server',
    hint: 'Any certificate or host key is taken: whoever is in between can read and change what is fetched',
    as: 'switch',
    isOfRepositoryOnly: true,
  },
  insecureOCIForceHttp: { label: 'Plain HTTP', hint: 'Everything is sent in the clear', as: 'switch' },
  forceHttpBasicAuth: { label: 'Force HTTP basic authentication', as: 'switch' },
  enableOCI: { label: 'The charts are in an OCI registry', as: 'switch' },
  enableLfs: { label: 'Fetch Git LFS files', as: 'switch', isOfRepositoryOnly: true },
  depth: {
    label: 'Depth',
    hint: 'Commits of history that are mirrored; empty for all',
    as: 'number',
    isOfRepositoryOnly: true,
  },
  proxy: { label: 'Proxy', hint: 'http://, https:// or socks5://', as: 'text' },
  noProxy: { label: 'No proxy for', hint: 'Hosts and networks with commas', as: 'text' },
  webhookManifestCacheWarmDisabled: {
    label: 'Do not render ahead when a webhook comes',
    as: 'switch',
    isOfRepositoryOnly: true,
  },
};

/** Whether a field's value never comes back from the server. */
export function isSecret(name: Name): boolean {
  return FIELDS[name].as === 'secret' || FIELDS[name].as === 'key';
}
