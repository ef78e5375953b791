// Yields to nothing but itself.
export default async () => {
  while (true) await null;
};
