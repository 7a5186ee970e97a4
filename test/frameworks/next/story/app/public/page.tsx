export default () => <h1>For everybody</h1>
