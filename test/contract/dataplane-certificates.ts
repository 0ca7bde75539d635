/** Throw-away certificates for these tests only, self-signed; valid for a hundred years. */
import type { StoredCertificate, StoredListener } from '../../src/sandbox/aws/state.ts';

export const DEFAULT_CERTIFICATE: StoredCertificate = {
  arn: 'arn:aws:acm:eu-central-1:000000000000:certificate/default',
  certificate: `-----BEGIN CERTIFICATE-----
MIIBszCCAVmgAwIBAgIUdEqiyalQdmo94cSsj5QTokB9QdIwCgYIKoZIzj0EAwIw
HjEcMBoGA1UEAwwTZGVmYXVsdC5leGFtcGxlLmNvbTAgFw0yNjExMjEyMTIwNTFa
GA8yMTI2MTAyODIxMjA1MVowHjEcMBoGA1UEAwwTZGVmYXVsdC5leGFtcGxlLmNv
bTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDKU09OWHZ8KvteLNQstRU0B0Cq2
HfehhiM9Jb0JfC/+dWkBrN8ygPZVbSEZOf6NX2Qp2klMrEYwQqLFQ/fqbgyjczBx
MB0GA1UdDgQWBBRiG2Fxnqj/KjNqqssVP3R9CSg49DAfBgNVHSMEGDAWgBRiG2Fx
nqj/KjNqqssVP3R9CSg49DAPBgNVHRMBAf8EBTADAQH/MB4GA1UdEQQXMBWCE2Rl
ZmF1bHQuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIhAKKHy3pW+UvQsOpi
Qh9sGIhnqsYVRS9UhNfLVaYu1BBuAiAJo+Uc1Tr1KVrsIrCwqSwfkX8sR4y/mYUr
cAxwGMkVag==
-----END CERTIFICATE-----
`,
  privateKey: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRHpJ6alWCpZLepZ9
DCwGgh1lFKtRw4S1+xfMIpgW9QKhRANCAAQylNPTlh2fCr7XizULLUVNAdAqth33
oYYjPSW9CXwv/nVpAazfMoD2VW0hGTn+jV9kKdpJTKxGMEKixUP36m4M
-----END PRIVATE KEY-----
`,
  chain: undefined,
  domains: ['default.example.com'],
};

/** A listener that shows the default certificate. */
export const HTTPS: Partial<StoredListener> = {
  Port: 443,
  Protocol: 'HTTPS',
  Certificates: [{ CertificateArn: DEFAULT_CERTIFICATE.arn }],
};

export const SHOP_CERTIFICATE: StoredCertificate = {
  arn: 'arn:aws:acm:eu-central-1:000000000000:certificate/shop',
  certificate: `-----BEGIN CERTIFICATE-----
MIIBqzCCAVCgAwIBAgIUU6dxbWv5eADP+CGBTFbPhaHb8DswCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTAgFw0yNjExMjEyMTIwNTFaGA8y
MTI2MTAyODIxMjA1MVowGzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABPyznirO3tvkW5KYfSqhz9cDdh6cVvxsL/nL
/qned1fa1bCzPfLK0slEP8O1yMtazdHXCR6rwBkFENRYdkJZ/hmjcDBuMB0GA1Ud
DgQWBBRbVjlb1bURqXfehULwiGGrKsnIdTAfBgNVHSMEGDAWgBRbVjlb1bURqXfe
hULwiGGrKsnIdTAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEHNob3AuZXhh
bXBsZS5jb20wCgYIKoZIzj0EAwIDSQAwRgIhAISFn5UZCm4yCP4xAYKZigK1clW2
IMiG65NR03jEcUAyAiEAgvnnjVmKM9wIOHzci8ct0H2IUiswSy+X3u68zrModhE=
-----END CERTIFICATE-----
`,
  privateKey: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/P4T18XKU5/PPmwH
i00oAfjLZWpfRXgfOKejdk1JmBShRANCAAT8s54qzt7b5FuSmH0qoc/XA3YenFb8
bC/5y/6p3ndX2tWwsz3yytLJRD/DtcjLWs3R1wkeq8AZBRDUWHZCWf4Z
-----END PRIVATE KEY-----
`,
  chain: undefined,
  domains: ['shop.example.com'],
};

export const WILDCARD_CERTIFICATE: StoredCertificate = {
  arn: 'arn:aws:acm:eu-central-1:000000000000:certificate/wildcard',
  certificate: `-----BEGIN CERTIFICATE-----
MIIBsDCCAVagAwIBAgIUFc2T4+26mtNIukJTTfzPvHqw7iEwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSKi53aWxkLmV4YW1wbGUuY29tMCAXDTI2MTEyMTIxMjA1MVoY
DzIxMjYxMDI4MjEyMDUxWjAdMRswGQYDVQQDDBIqLndpbGQuZXhhbXBsZS5jb20w
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARMDvxFqYxFxP6HK+lGLzmdAx1mCflx
AO0gziB8UeXQEWi1mChCnlKRfqET6/B8RvGmJ3CqnfKh7HfLy0ELyRCYo3IwcDAd
BgNVHQ4EFgQUABM4LcDgqzyR7Zi2OhZx6XWo9gwwHwYDVR0jBBgwFoAUABM4LcDg
qzyR7Zi2OhZx6XWo9gwwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHREEFjAUghIqLndp
bGQuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIhAIB1E8226OWvJB2e0wum
d7j470aAyPg+6u4AvyOeIfFQAiB0WCb7J/516jnBtyM/6ofAnxciAqvY9PPRRKe9
fLycyA==
-----END CERTIFICATE-----
`,
  privateKey: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbaSkQ1+lqQS+p7xT
JEhL+LWIbEbQ7U0QDqIqhalp+G6hRANCAARMDvxFqYxFxP6HK+lGLzmdAx1mCflx
AO0gziB8UeXQEWi1mChCnlKRfqET6/B8RvGmJ3CqnfKh7HfLy0ELyRCY
-----END PRIVATE KEY-----
`,
  chain: undefined,
  domains: ['*.wild.example.com'],
};
