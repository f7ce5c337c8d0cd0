# escape=`
FROM acme/windows:1 `
  AS base
RUN dir C:\
FROM base
