/** CSS modules: any name may be missing, which `className` does not mind. */
declare module '*.module.css' {
  const names: { readonly [name: string]: string | undefined };
  export default names;
}
