// Never ends while it is loaded, before there is a function to call.
while (true);

export default () => 'ESCAPED';
