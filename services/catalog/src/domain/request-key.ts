/** Recognises a repeated call. */
export interface RequestKey {
  /** `request_id`, chosen by the caller and unique among the caller's. */
  readonly id: string;
  /** SHA-256 of what was asked for: tells a repetition from another request with the same id. */
  readonly digest: Buffer;
}
