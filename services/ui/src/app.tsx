/** Paths and what is around every page. */
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Router, Switch, useLocation } from 'wouter';
import { basePath, queryClient } from '@/api';
import { Boundary, Empty, Link, Loading, Page } from '@/components';
import { Toasts } from '@/components/Toast';
import { ExtensionPage, usePageAt } from '@/extensions/ExtensionPage';
import { useExtensions } from '@/extensions/registry';
import { pageAt, routes } from '@/pages';
import { useFields } from '@/routing';
import { Shell } from '@/shell/Shell';

const LoginPage = lazy(() => import('@/pages/login/LoginPage'));

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Router base={basePath}>
        <Suspense fallback={null}>
          <Switch>
            <Route path="/login">
              <LoginPage />
            </Route>
            <Route>
              <Shell>
                <Pages />
              </Shell>
            </Route>
          </Switch>
        </Suspense>
      </Router>
      <Toasts />
    </QueryClientProvider>
  );
}

function Pages() {
  const [path] = useLocation();
  return (
    <Boundary what="This page" resetOn={path}>
      <Suspense fallback={<PageLoading />}>
        <NewApplication>
          <Switch>
            <Route path="/">
              <Redirect to="/applications" replace />
            </Route>
            {routes.map(({ path: at, page }) => (
              <Route key={at} path={at} component={page} />
            ))}
            <Route>
              <Added />
            </Route>
          </Switch>
        </NewApplication>
      </Suspense>
    </Boundary>
  );
}

/** `/applications?new=…` is the form for a new application, as links in the wild have it. */
function NewApplication({ children }: { children: React.ReactNode }) {
  const [path] = useLocation();
  const [fields] = useFields();
  const Create = pageAt('create/CreatePage');
  return Create && path === '/applications' && fields.has('new') ? <Create /> : children;
}

/** The page of an extension, once its script has run. */
function Added() {
  const [path] = useLocation();
  const extension = usePageAt(path);
  const { isLoading } = useExtensions();
  if (extension) return <ExtensionPage extension={extension} />;
  return isLoading ? <PageLoading /> : <NotFound />;
}

function PageLoading() {
  return (
    <Page title="">
      <Loading lines={6} />
    </Page>
  );
}

function NotFound() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page" icon="question">
        <Link to="/applications">Go to the applications</Link>
      </Empty>
    </Page>
  );
}
