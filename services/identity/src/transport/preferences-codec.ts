import { jsonObject } from '@chain-processor/service-kit';

const MAX_PREFERENCES_BYTES = 16_384;

/** The field `preferences`. Absent means none. */
export const preferences = () => jsonObject({ maxBytes: MAX_PREFERENCES_BYTES });
