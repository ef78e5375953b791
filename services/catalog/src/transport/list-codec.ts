import { z } from 'zod';
import { pageSize, resourceId, text } from '@chain-processor/service-kit';
import type { JsonObject } from '../domain/json-object.js';
import { jsonObject, tags } from './field-codec.js';

/** A filter by id; empty lets everything through. */
export const idFilter = () =>
  z.preprocess((value) => (value === '' ? undefined : value), resourceId().optional());

const textFilter = () =>
  text({ minLength: 0, maxLength: 255 }).transform((value) => (value === '' ? undefined : value));

const tagsFilter = () => tags().transform((values) => (values.length === 0 ? undefined : values));

const metadataFilter = () =>
  jsonObject().transform((value): JsonObject | undefined =>
    Object.keys(value).length === 0 ? undefined : value,
  );

/** The fields that the requests of all lists share. */
export const listShape = () => ({
  pageSize: pageSize(),
  pageToken: z.string(),
  namePrefix: textFilter(),
  tagsAny: tagsFilter(),
  tagsAll: tagsFilter(),
  isActive: z.boolean().optional(),
  createdById: idFilter(),
  metadataContains: metadataFilter(),
});

/** What page tokens of these lists hold: a time not beyond what a double holds exactly (the year 2255), and an id. */
export const cursorSchema = z.object({
  createdAtUs: z.string().regex(/^\d{1,15}$|^[0-8]\d{15}$/),
  id: z.uuid(),
});
