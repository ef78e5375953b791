// Waits for something that never comes.
export default () => new Promise(() => {});
