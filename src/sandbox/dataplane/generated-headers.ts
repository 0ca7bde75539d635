/** Names of the request headers that tell targets about TLS: AWS's, or those a listener's attributes give. */
export type GeneratedHeaders = {
  /** The name to send for one of AWS's names. */
  nameOf(standard: string): string;
  /** Lower-case names that a client may not send itself. */
  readonly reserved: ReadonlySet<string>;
};

/** Every header that can be renamed (AWS documentation), with its part of the attribute's key. */
const RENAMED: ReadonlyMap<string, string> = new Map(
  [
    'X-Amzn-Mtls-Clientcert-Serial-Number',
    'X-Amzn-Mtls-Clientcert-Issuer',
    'X-Amzn-Mtls-Clientcert-Subject',
    'X-Amzn-Mtls-Clientcert-Validity',
    'X-Amzn-Mtls-Clientcert-Leaf',
    'X-Amzn-Mtls-Clientcert',
    'X-Amzn-Tls-Version',
    'X-Amzn-Tls-Cipher-Suite',
  ].map((name) => [name, name.toLowerCase().replaceAll('-', '_')]),
);

/** Reads `routing.http.request.*.header_name` of a listener. */
export const generatedHeaders = (attributes: Readonly<Record<string, string>>): GeneratedHeaders => {
  const names = new Map<string, string>();
  for (const [standard, key] of RENAMED) {
    names.set(standard, attributes[`routing.http.request.${key}.header_name`] || standard);
  }
  return {
    nameOf: (standard) => names.get(standard) ?? standard,
    reserved: new Set([...names.values(), ...RENAMED.keys()].map((name) => name.toLowerCase())),
  };
};
