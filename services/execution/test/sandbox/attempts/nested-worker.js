// Starts a worker of its own, whose code would be a main module and would outlive the step.
export default () =>
  new Promise((resolve, reject) => {
    const code = `import text from 'file:///etc/passwd' with { type: 'text' }; postMessage(text);`;
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: 'module' });
    worker.onmessage = ({ data }) => resolve(`ESCAPED ${data}`);
    worker.onerror = reject;
  });
