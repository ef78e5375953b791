/** Lists are newest first; ids break ties. */
export interface PageCursor {
  /** Creation time of the last thing on the page before, in microseconds since 1970, which is as exact as the database is. */
  readonly createdAtUs: string;
  readonly id: string;
}

/** Which part of a list is wanted. */
export interface PageRequest {
  readonly size: number;
  /** Undefined for the first page. */
  readonly after: PageCursor | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Undefined on the last page, and only there. */
  readonly next: PageCursor | undefined;
}

/** What every list can be narrowed by. A filter that is undefined lets everything through. */
export interface ListFilter {
  /** Case does not count. */
  readonly namePrefix?: string | undefined;
  readonly tagsAny?: readonly string[] | undefined;
  readonly tagsAll?: readonly string[] | undefined;
  readonly isActive?: boolean | undefined;
  readonly createdById?: string | undefined;
  readonly metadataContains?: Readonly<Record<string, unknown>> | undefined;
}

export interface NodeFilter extends ListFilter {
  readonly isBuiltin?: boolean | undefined;
}

export interface StrategyFilter extends ListFilter {
  readonly nodeId?: string | undefined;
}
