/** What an account knows of its things besides the shapes of the SDK that `state.ts` holds. */
import type { Protection } from '@aws-sdk/client-shield';

export type Tags = Record<string, string>;

export type ZoneDetails = { tags: Tags };

export type CertificateDetails = { tags: Tags; readonly importedAt: Date };

/** A certificate that ACM was asked for. */
export type CertificateRequest = {
  readonly arn: string;
  readonly domains: readonly string[];
  readonly keyAlgorithm: 'RSA_2048' | 'EC_prime256v1';
  /** ARN of the private authority that issues it, which needs no validation. */
  readonly authority: string | undefined;
  readonly token: string | undefined;
  readonly createdAt: Date;
  issuedAt: Date | undefined;
};

/** The bytes are among the certificates that listeners can serve, under the same ARN. */
export type ServerCertificateDetails = {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly uploadedAt: Date;
  readonly expires: Date;
  readonly tags: Tags;
};

/** A role of IAM. */
export type StoredRole = {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: Date;
  /** Seconds. */
  readonly longestSession: number;
  /** JSON, as it was given. */
  trust: string;
};

/** What is reserved for one load balancer; no `units` means that the reservation was reset. */
export type Capacity = {
  readonly units: number | undefined;
  readonly modifiedAt: Date;
  /** Emulator times of the decreases, of which AWS allows a few a day. */
  readonly decreases: readonly number[];
};

/** A protection by Shield Advanced. */
export type StoredProtection = Protection & { readonly Id: string; readonly ResourceArn: string };
