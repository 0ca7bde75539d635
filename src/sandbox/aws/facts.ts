/** Numbers and doubtful facts of AWS that the sandbox imitates; every one can be set by the caller. */

export type Facts = typeof FACTS;

/**
 * Times are seconds of emulator time. Quotas are AWS's defaults for a new account.
 * The entries under "unconfirmed" are those that AWS's documentation leaves open or contradicts itself on.
 */
export const FACTS = {
  // Times
  provisioningSeconds: 120,
  recordPendingSeconds: 30,
  interfaceReleaseSeconds: 20,
  /** How long another change to a zone is refused with PriorRequestNotComplete; Route 53 itself is rarely that slow. */
  zoneBusySeconds: 0,

  /** From the CNAME record's appearance until ACM has issued the certificate. */
  certificateIssueSeconds: 30,
  /** After so long without its records ACM gives a request up. */
  certificateValidationSeconds: 72 * 3600,
  /** How long a terminated instance is still listed. */
  terminatedInstanceSeconds: 3600,

  // ELBv2 quotas
  loadBalancersPerRegion: 50,
  listenersPerLoadBalancer: 50,
  certificatesPerLoadBalancer: 25,
  rulesPerLoadBalancer: 100,
  targetGroupsPerRegion: 3000,
  targetGroupsPerLoadBalancer: 100,
  targetGroupsPerAction: 5,
  targetsPerTargetGroup: 1000,
  targetsPerLoadBalancer: 1000,
  registrationsPerTarget: 100,
  conditionValuesPerRule: 5,
  securityGroupsPerLoadBalancer: 5,
  tagsPerResource: 50,
  trustStoresPerRegion: 20,
  certificatesPerTrustStore: 25,
  revocationFilesPerTrustStore: 30,
  revocationEntriesPerTrustStore: 500_000,
  capacityUnitsPerLoadBalancer: 15_000,
  capacityDecreasesPerDay: 2,

  // EC2 quotas
  securityGroupsPerRegion: 2500,
  rulesPerSecurityGroup: 60,
  vpcsPerRegion: 5,
  subnetsPerVpc: 200,
  addressesPerRegion: 5,

  // ACM quotas
  importedCertificates: 2500,
  certificateImportsPerYear: 5000,
  namesPerCertificate: 10,

  // Route 53 quotas
  zonesPerAccount: 500,
  recordsPerZone: 10_000,
  valuesPerRecord: 400,
  weightedRecordsPerName: 100,
  recordElementsPerChange: 1000,
  valueCharactersPerChange: 32_000,
  recordsPerPage: 100,

  // Unconfirmed
  wildcardsPerRule: 6,
  /** Free addresses a subnet must have for a load balancer. */
  freeAddressesPerSubnet: 8,
  twoZonesCodeOnCreate: 'ValidationError',
  tooManyTargetGroupsPerActionCode: 'TooManyTargetGroups',
  /** Whether one action may forward to target groups of several protocol versions. */
  forwardMayMixVersions: false,
  /**
   * How long a target group still counts as in use after the last listener or rule that forwarded to it is gone.
   * Clients of AWS try again for minutes when they are refused; how long it takes is not documented.
   */
  targetGroupReleaseSeconds: 0,
  /**
   * How long load balancers do not know a certificate that was just imported, uploaded or issued. Clients of AWS try
   * again for minutes when it is not found; how long it takes is not documented.
   */
  certificateSpreadSeconds: 0,
  /** Whether CreateLoadBalancer of an existing name, and CreateListener of a port that is taken, compare tags too. */
  tagsAreSettings: true,
  /** The API reference says that internal load balancers must use ipv4. */
  internalMayBeDualstack: false,
  httpHealthCheckTimeoutSeconds: 5,
  /** Whether importing into an ARN that exists counts among the imports of a year. */
  reimportsCount: true,
};
