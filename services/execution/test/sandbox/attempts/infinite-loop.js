// Never ends and never yields.
export default () => {
  while (true);
};
