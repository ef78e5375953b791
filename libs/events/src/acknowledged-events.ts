/** A message that was given out and not handled yet. */
export interface OpenPlace {
  readonly streamSequence: number;
}

/** Which events were handled lately, and where in the stream a lost consumer has to go on. */
export interface AcknowledgedEvents {
  /** Notes a message as given out but not handled yet. */
  begin(streamSequence: number): OpenPlace;
  /** Notes the event at that place as handled. */
  end(place: OpenPlace, eventId: string): void;
  isHandled(eventId: string): boolean;
  /** The first place in the stream that is not known to be handled; undefined before the first message. */
  nextSequence(): number | undefined;
  /** Forgets places, not events: the stream was made anew and counts from 1. */
  forgetPlaces(): void;
}

/** Makes {@link AcknowledgedEvents} that remember the last `capacity` events. */
export function createAcknowledgedEvents({ capacity }: { capacity: number }): AcknowledgedEvents {
  const handledIds = new Set<string>();
  const openPlaces = new Set<OpenPlace>();
  let lastSequence: number | undefined;
  return {
    begin(streamSequence) {
      const place = { streamSequence };
      openPlaces.add(place);
      lastSequence = Math.max(lastSequence ?? 0, streamSequence);
      return place;
    },
    end(place, eventId) {
      openPlaces.delete(place);
      handledIds.add(eventId);
      if (handledIds.size <= capacity) return;
      for (const oldest of handledIds) {
        handledIds.delete(oldest);
        break;
      }
    },
    isHandled: (eventId) => handledIds.has(eventId),
    nextSequence() {
      if (lastSequence === undefined) return undefined;
      return Math.min(lastSequence + 1, ...[...openPlaces].map((place) => place.streamSequence));
    },
    forgetPlaces() {
      openPlaces.clear();
      lastSequence = undefined;
    },
  };
}
