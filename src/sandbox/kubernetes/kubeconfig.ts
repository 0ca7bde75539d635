import { ADMIN_TOKEN } from './tokens.ts';

/** A kubeconfig for kubectl, helm and every client library: one cluster, its administrator, the CA inside. */
export const kubeconfigOf = (url: string, authority: string): string => `apiVersion: v1
kind: Config
current-context: sandbox
clusters:
- name: sandbox
  cluster:
    server: ${url}
    certificate-authority-data: ${Buffer.from(authority).toString('base64')}
contexts:
- name: sandbox
  context:
    cluster: sandbox
    user: sandbox
    namespace: default
users:
- name: sandbox
  user:
    token: ${ADMIN_TOKEN}
`;
